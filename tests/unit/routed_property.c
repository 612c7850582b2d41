/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random networks, routes and frames on two and three hosts against the model
 * of routed_world.h: every copy of every frame is at the VM that it must be at,
 * with the VSID, the MACs and the TTL that it must have, and nowhere else. And
 * no network of many reaches another: all pairs.
 */
#include "tests/support/frames.h"
#include "tests/support/routed_world.h"
#include "tests/support/suite.h"

#define WORLDS 60u
#define FRAMES 120u
#define ROOM   64u

struct sighting {
	unsigned int host;
	uint16_t port;
	uint32_t vsid, size;
	uint8_t bytes[200];
};

static struct sighting seen[ROOM];
static unsigned int seen_count;

static bool is_advert(const struct fabric_seen *frame)
{
	return frame->size > 54 &&
	       memcmp(frame->bytes, "\x33\x33\0\0\0\1", 6) == 0 &&
	       frame->bytes[54] == VS_ND_ROUTER_ADVERT;
}

static void look(struct fabric *fabric, const struct fabric_seen *frame)
{
	struct sighting *at = &seen[seen_count];

	(void)fabric;
	if (frame->uplink || is_advert(frame))
		return;
	ck_assert_uint_lt(seen_count, ROOM);
	*at = (struct sighting){.host = frame->host,
				.port = frame->port,
				.vsid = frame->vsid.value,
				.size = frame->size};
	memcpy(at->bytes, frame->bytes,
	       frame->size < sizeof(at->bytes) ? frame->size
					       : sizeof(at->bytes));
	seen_count++;
}

static uint32_t make_bytes(uint8_t *buffer, const struct world *world,
			   const struct world_frame *from)
{
	struct frames frame = frames_ethernet(
		buffer, from->ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	uint8_t *ip = buffer + 14;

	memcpy(buffer, from->to.octet, 6);
	memcpy(buffer + 6, world->vm[from->vm].mac.octet, 6);
	if (from->ipv6) {
		frames_ipv6(&frame, VS_IP_UDP);
		ip[7] = from->ttl;
		memcpy(ip + 8, from->source.octet, 16);
		memcpy(ip + 24, from->target.octet, 16);
	} else {
		frames_ipv4(&frame, VS_IP_UDP);
		ip[8] = from->ttl;
		memcpy(ip + 12, from->source.octet + 12, 4);
		memcpy(ip + 16, from->target.octet + 12, 4);
	}
	frames_udp(&frame);
	frames_bytes(&frame, "to whom it may concern", 22);
	frames_finish(&frame, VS_IP_UDP);
	return frame.size;
}

static uint16_t port_of(const struct fabric *fabric, const struct world *world,
			unsigned int vm)
{
	char name[16];

	snprintf(name, sizeof(name), "v%u", vm);
	return fabric_port(fabric, world->vm[vm].host, name);
}

/* Is this sighting that copy of the frame? */
static bool is_copy(const struct sighting *at, const struct world_copy *copy,
		    const uint8_t *bytes, uint32_t size)
{
	bool ipv6 = bytes[12] == 0x86;
	uint8_t wanted[200];

	memcpy(wanted, bytes, size);
	memcpy(wanted, copy->target.octet, 6);
	memcpy(wanted + 6, copy->source.octet, 6);
	wanted[14 + (ipv6 ? 7 : 8)] = copy->ttl;
	if (!ipv6) {
		vs_store16(wanted + 24, 0);
		vs_store16(wanted + 24,
			   vs_checksum(vs_sum(0, wanted + 14, 20)));
	}
	return at->size == size && at->vsid == copy->vsid &&
	       memcmp(at->bytes, wanted, size) == 0;
}

/* The gateway of the sender's subnet says it, about this frame. */
static bool is_answer(const struct sighting *at,
		      const struct world_outcome *outcome, const uint8_t *bytes)
{
	bool ipv6 = bytes[12] == 0x86;
	const uint8_t *icmp = at->bytes + 14 + (ipv6 ? 40 : 20);

	return memcmp(at->bytes, bytes + 6, 6) == 0 &&
	       memcmp(at->bytes + 6, bytes, 6) == 0 &&
	       at->bytes[14 + (ipv6 ? 6 : 9)] ==
		       (ipv6 ? VS_IP_ICMP6 : VS_IP_ICMP) &&
	       at->bytes[14 + (ipv6 ? 23 : 15)] == 1 &&
	       icmp[0] == outcome->type && icmp[1] == outcome->code &&
	       memcmp(icmp + 8, bytes + 14, 20) == 0;
}

struct trial {
	struct world world;
	struct fabric *fabric;
	uint8_t bytes[200];
	uint32_t size;
	uint64_t copies, answers;
};

static void complain(const struct trial *trial, const struct world_frame *frame,
		     const struct world_outcome *outcome)
{
	char source[VS_IP_TEXT], target[VS_IP_TEXT], mac[VS_MAC_TEXT];
	unsigned int i;

	printf("%s\nv%u: %s > %s to %s ttl %u; wanted %u copies%s, saw %u\n",
	       trial->world.document, frame->vm,
	       vs_ip_format(&frame->source, source),
	       vs_ip_format(&frame->target, target),
	       vs_mac_format(&frame->to, mac), frame->ttl, outcome->copies,
	       outcome->answered ? " and an answer" : "", seen_count);
	for (i = 0; i < outcome->copies; i++)
		printf("wanted at v%u, VSID %u, TTL %u\n", outcome->copy[i].vm,
		       outcome->copy[i].vsid, outcome->copy[i].ttl);
	for (i = 0; i < seen_count; i++)
		printf("seen at host %u port %u, VSID %u, from %s\n",
		       seen[i].host, seen[i].port, seen[i].vsid,
		       vs_mac_format((const struct vs_mac *)(seen[i].bytes + 6),
				     mac));
	ck_abort_msg("the switch and the model differ");
}

static bool claimed(const struct trial *trial, unsigned int vm,
		    const struct world_copy *copy,
		    const struct world_outcome *outcome)
{
	uint16_t port = port_of(trial->fabric, &trial->world, vm);
	unsigned int i;

	for (i = 0; i < seen_count; i++)
		if (seen[i].port == port &&
		    seen[i].host == trial->world.vm[vm].host &&
		    (copy ? is_copy(&seen[i], copy, trial->bytes, trial->size)
			  : is_answer(&seen[i], outcome, trial->bytes)))
			return true;
	return false;
}

static void try_frame(struct trial *trial, struct prng *prng)
{
	struct world_frame frame = world_frame(&trial->world, prng);
	struct world_outcome outcome;
	unsigned int i;
	bool good;

	world_judge(&trial->world, &frame, &outcome);
	trial->size = make_bytes(trial->bytes, &trial->world, &frame);
	seen_count = 0;
	fabric_in(trial->fabric, trial->world.vm[frame.vm].host,
		  port_of(trial->fabric, &trial->world, frame.vm), trial->bytes,
		  trial->size);
	/* a first frame may wait for the MAC of a host that answered to another
	 * worker */
	if (seen_count < outcome.copies)
		fabric_advance(trial->fabric, 100);
	good = seen_count == outcome.copies + outcome.answered;
	for (i = 0; good && i < outcome.copies; i++)
		good = claimed(trial, outcome.copy[i].vm, &outcome.copy[i],
			       NULL);
	if (good && outcome.answered)
		good = claimed(trial, frame.vm, NULL, &outcome);
	if (!good)
		complain(trial, &frame, &outcome);
	trial->copies += outcome.copies;
	trial->answers += outcome.answered;
}

START_TEST(every_copy_is_where_the_model_says)
{
	struct prng prng = prng_start(prng_seed() + (uint64_t)_i);
	struct trial *trial = calloc(1, sizeof(*trial));
	unsigned int i, j;

	for (i = 0; i < WORLDS; i++) {
		world_make(&trial->world, &prng);
		trial->fabric = fabric_open_hosts(trial->world.document,
						  (uint16_t)(1 + _i % 2),
						  trial->world.hosts);
		trial->fabric->seen = look;
		for (j = 0; j < FRAMES; j++) {
			try_frame(trial, &prng);
			if (j % 40 == 39)
				fabric_advance(trial->fabric, 100);
		}
		fabric_check(trial->fabric);
		fabric_close(trial->fabric);
	}
	/* a world in which nothing arrives would prove nothing */
	ck_assert_uint_gt(trial->copies, WORLDS * FRAMES / 10);
	ck_assert_uint_gt(trial->answers, WORLDS * FRAMES / 20);
	free(trial);
}
END_TEST

/* -- all pairs --------------------------------------------------------------
 *
 * Network N has 10.N.0.0/24 with the VM .5 and 10.N.1.0/24 with the VM .6, on
 * different hosts; IPv6 alike. Addresses are unique, so that a way would lead
 * there if there were one.
 */

#define PAIRED 5u

static size_t write_paired(char *text, size_t room)
{
	size_t size = 0;
	unsigned int i, vm, host;

#define ADD(...)                                                               \
	(size += (size_t)snprintf(text + size, room - size, __VA_ARGS__))
	ADD("{\"format\": 1, \"networks\": {");
	for (i = 0; i < PAIRED; i++) {
		ADD("%s\"n%u\": {\"subnets\": {", i ? ", " : "", i);
		for (vm = 0; vm < 2; vm++)
			ADD("%s\"%u\": {\"prefixes\": [\"10.%u.%u.0/24\", "
			    "\"fd00:0:%u:%u::/64\"], \"ca\": {"
			    "\"10.%u.%u.5\": {\"mac\": "
			    "\"02:00:00:00:00:1%u\", \"pa\": "
			    "\"192.0.2.%u\"}, \"fd00:0:%u:%u::5\": "
			    "{\"mac\": \"02:00:00:00:00:1%u\", \"pa\": "
			    "\"192.0.2.%u\"}}}",
			    vm ? ", " : "", 5000 + 10 * i + vm, i, vm, i, vm, i,
			    vm, vm, (i + vm) % 2 + 1, i, vm, vm,
			    (i + vm) % 2 + 1);
		ADD("}}");
	}
	ADD("}, \"hosts\": {");
	for (host = 0; host < 2; host++) {
		ADD("%s\"%c\": {\"switches\": {\"lab\": {\"uplinks\": "
		    "{\"wire\": {\"pa\": {\"192.0.2.%u\": {\"prefix\": "
		    "24}}}}, \"stack\": [\"wnv\"], \"ports\": {",
		    host ? ", " : "", 'a' + (int)host, host + 1);
		for (i = 0; i < PAIRED; i++) {
			vm = (host + i) % 2;
			ADD("%s\"p%u\": {\"null\": true, \"vsid\": %u, "
			    "\"ca\": [\"10.%u.%u.5\", "
			    "\"fd00:0:%u:%u::5\"]}",
			    i ? ", " : "", i, 5000 + 10 * i + vm, i, vm, i, vm);
		}
		ADD("}}}}");
	}
	ADD("}}");
#undef ADD
	return size;
}

static struct vs_ip paired_ca(unsigned int network, unsigned int vm, bool ipv6)
{
	char text[VS_IP_TEXT];
	struct vs_ip value;

	snprintf(text, sizeof(text), ipv6 ? "fd00:0:%u:%u::5" : "10.%u.%u.5",
		 network, vm);
	ck_assert_int_eq(vs_ip_parse(text, &value), 0);
	return value;
}

/* From network `i` to network `j`, by the gateway. */
static void try_pair(struct fabric *fabric, unsigned int i, unsigned int j,
		     unsigned int which)
{
	unsigned int vm = which & 1, host = (i + vm) % 2;
	uint32_t vsid = 5000 + 10 * i + vm;
	struct world world = {.vm[0].mac = {{2, [5] = (uint8_t)(0x10 + vm)}}};
	struct world_frame frame = {
		.ipv6 = which & 2,
		.ttl = 64,
		.to = {{2, 0x56, 0x53, 0, (uint8_t)(vsid >> 8), (uint8_t)vsid}},
	};
	uint8_t bytes[200];
	char name[8];
	uint32_t size;
	uint16_t port;

	frame.source = paired_ca(i, vm, frame.ipv6);
	frame.target = paired_ca(j, 1 - vm, frame.ipv6);
	size = make_bytes(bytes, &world, &frame);
	snprintf(name, sizeof(name), "p%u", i);
	port = fabric_port(fabric, host, name);
	seen_count = 0;
	fabric_in(fabric, host, port, bytes, size);
	ck_assert_uint_eq(seen_count, 1);
	if (i == j) {
		ck_assert_uint_eq(seen[0].host, 1 - host);
		ck_assert_uint_eq(seen[0].vsid, vsid ^ vm ^ (1 - vm));
		return;
	}
	ck_assert_uint_eq(seen[0].host, host);
	ck_assert_uint_eq(seen[0].port, port);
	ck_assert(is_answer(&seen[0],
			    &(struct world_outcome){.type = frame.ipv6 ? 1 : 3},
			    bytes));
}

START_TEST(no_network_reaches_another)
{
	static char document[16384];
	struct fabric *fabric;
	unsigned int i, j, which;

	ck_assert_uint_lt(write_paired(document, sizeof(document)),
			  sizeof(document));
	fabric = fabric_open(document, 1);
	fabric->seen = look;
	for (i = 0; i < PAIRED; i++)
		for (j = 0; j < PAIRED; j++) {
			for (which = 0; which < 4; which++)
				try_pair(fabric, i, j, which);
			fabric_advance(fabric, 100);
		}
	fabric_check(fabric);
	fabric_close(fabric);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("routed_property");
	TCase *tcase = tcase_create("routed");

	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, every_copy_is_where_the_model_says, 0, 4);
	tcase_add_test(tcase, no_network_reaches_another);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
