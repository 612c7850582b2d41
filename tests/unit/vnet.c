/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's offload header, there and back. */
#include <errno.h>
#include <string.h>

#include "io/vnet.h"
#include "tests/support/suite.h"

/* Ethernet, IPv4, TCP with 12 bytes of options, 100 bytes of payload */
#define L4     34u
#define HEADER (L4 + 32u)
#define SIZE   (HEADER + 100u)

static uint8_t frame[SIZE];

static struct virtio_net_hdr tcp_header(void)
{
	memset(frame, 0, sizeof(frame));
	frame[L4 + 12] = 8 << 4;
	return (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = 1, /* a hint, and a wrong one */
		.gso_size = 40,
		.csum_start = L4,
		.csum_offset = 16,
	};
}

START_TEST(super_frame_keeps_its_meaning)
{
	struct virtio_net_hdr vnet = tcp_header(), back;
	struct vs_offload offload;

	ck_assert_int_eq(vnet_to_offload(&vnet, frame, SIZE, &offload), 0);
	ck_assert_uint_eq(offload.gso, VS_GSO_TCP4);
	ck_assert_uint_eq(offload.header_size, HEADER);
	ck_assert_uint_eq(offload.csum_start, L4);
	back = vnet_from_offload(&offload, false);
	vnet.hdr_len = HEADER;
	ck_assert_mem_eq(&back, &vnet, sizeof(vnet));
}
END_TEST

START_TEST(congestion_window_reduced_is_marked)
{
	struct virtio_net_hdr vnet = tcp_header(), back;
	struct vs_offload offload;

	vnet.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	ck_assert_int_eq(vnet_to_offload(&vnet, frame, SIZE, &offload), 0);
	ck_assert_uint_eq(offload.gso, VS_GSO_TCP4);
	back = vnet_from_offload(&offload, true);
	ck_assert_uint_eq(back.gso_type, vnet.gso_type);
}
END_TEST

START_TEST(checked_frame_is_verified)
{
	struct virtio_net_hdr vnet = {.flags = VIRTIO_NET_HDR_F_DATA_VALID};
	struct vs_offload offload;

	ck_assert_int_eq(vnet_to_offload(&vnet, frame, SIZE, &offload), 0);
	ck_assert_uint_eq(offload.verified, 1);
	ck_assert_uint_eq(offload.csum_start, VS_ABSENT);
	ck_assert_uint_eq(vnet_from_offload(&offload, false).flags,
			  VIRTIO_NET_HDR_F_DATA_VALID);
}
END_TEST

START_TEST(header_that_contradicts_the_frame_is_refused)
{
	struct virtio_net_hdr vnet = tcp_header();
	struct vs_offload offload;

	vnet.csum_start = SIZE - 17; /* the field would end behind the frame */
	ck_assert_int_eq(vnet_to_offload(&vnet, frame, SIZE, &offload),
			 -EINVAL);
	vnet = tcp_header();
	vnet.gso_size = 0;
	ck_assert_int_eq(vnet_to_offload(&vnet, frame, SIZE, &offload),
			 -EINVAL);
	vnet = tcp_header();
	vnet.gso_type = VIRTIO_NET_HDR_GSO_UDP; /* UFO: never asked for */
	ck_assert_int_eq(vnet_to_offload(&vnet, frame, SIZE, &offload),
			 -EINVAL);
	vnet = tcp_header();
	ck_assert_int_eq(vnet_to_offload(&vnet, frame, HEADER, &offload),
			 -EINVAL);
}
END_TEST

/* A frame of `size` bytes with room for a tag before it. */
static struct vs_view untagged(uint8_t *room, uint32_t size)
{
	for (uint8_t i = 0; i < 14; i++)
		room[4 + i] = (uint8_t)(i + 1);
	return (struct vs_view){.data = room + 4, .size = size};
}

START_TEST(tag_that_comes_back_moves_what_lies_behind_it)
{
	struct virtio_net_hdr vnet = tcp_header();
	uint8_t room[4 + SIZE] = {0};
	struct vs_view view = untagged(room, SIZE);

	ck_assert_int_eq(vnet_to_offload(&vnet, frame, SIZE, &view.offload), 0);
	vnet_put_tag(&view, room + 4, 0x88a8, 0x6007);
	ck_assert_ptr_eq(view.data, room);
	ck_assert_uint_eq(view.size, SIZE + 4);
	ck_assert_mem_eq(room,
			 "\1\2\3\4\5\6\7\10\11\12\13\14"
			 "\x88\xa8\x60\x07\15\16",
			 18);
	ck_assert_uint_eq(view.offload.csum_start, L4 + 4);
	ck_assert_uint_eq(view.offload.csum_offset, 16);
	ck_assert_uint_eq(view.offload.header_size, HEADER + 4);
	ck_assert_uint_eq(view.offload.gso_size, 40);
}
END_TEST

START_TEST(tag_that_comes_back_makes_no_offload)
{
	uint8_t room[4 + 60] = {0};
	struct vs_view view = untagged(room, 60);

	view.offload.csum_start = VS_ABSENT;
	vnet_put_tag(&view, room + 4, 0x8100, 7);
	ck_assert_uint_eq(view.size, 64);
	ck_assert_uint_eq(view.offload.csum_start, VS_ABSENT);
	ck_assert_uint_eq(view.offload.header_size, 0);
	/* a runt has no place for it */
	view = untagged(room, 13);
	vnet_put_tag(&view, room + 4, 0x8100, 7);
	ck_assert_ptr_eq(view.data, room + 4);
	ck_assert_uint_eq(view.size, 13);
}
END_TEST

static Suite *vnet_suite(void)
{
	Suite *suite = suite_create("vnet");
	TCase *tcase = tcase_create("header");

	tcase_add_test(tcase, super_frame_keeps_its_meaning);
	tcase_add_test(tcase, congestion_window_reduced_is_marked);
	tcase_add_test(tcase, checked_frame_is_verified);
	tcase_add_test(tcase, header_that_contradicts_the_frame_is_refused);
	tcase_add_test(tcase, tag_that_comes_back_moves_what_lies_behind_it);
	tcase_add_test(tcase, tag_that_comes_back_makes_no_offload);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return suite_main(vnet_suite());
}
