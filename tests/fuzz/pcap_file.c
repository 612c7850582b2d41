/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capture file of any bytes: every frame that comes out lies inside its
 * buffer, every buffer comes back, and reading ends.
 */
#define _GNU_SOURCE

#include <assert.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/pcap_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct vs_pool *pool = vs_pool_create(
		&(struct vs_pool_params){.small_count = 8, .big_count = 2});
	int count, fd = memfd_create("pcap", 0);
	struct vs_packet *packets[4];
	struct vs_error error;
	struct vs_link *link;
	size_t total = 0;

	if (write(fd, bytes, size) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET) < 0 ||
	    pcap_link_create(&link, fd, -1, NULL, &error)) {
		close(fd);
		vs_pool_destroy(pool);
		return 0;
	}
	while ((count = link->ops->rx_burst(link, pool, packets, 4, 65536)) >
	       0) {
		for (int i = 0; i < count; i++) {
			vs_packet_parse(packets[i]);
			total += packets[i]->view.size + PCAP_RECORD_SIZE;
			vs_packet_unref(packets[i]);
		}
		assert(total <= size);
	}
	assert(count == 0);
	link_close(link);
	vs_pool_destroy(pool);
	return 0;
}
