// SPDX-License-Identifier: Apache-2.0
/* learning-counter: counts stations that sent nothing for a minute before. A
 * capture with a table of its own, in 60 lines. */
#include <vswitch/extension.h>
#include <vswitch/table.h>

struct key {
	struct vs_vsid vsid;
	struct vs_mac mac;
	uint16_t zero;
};

struct vs_shard {
	_Alignas(64) uint8_t region[64 * 1024];
	struct vs_table *table;
};

static int shard_open(struct vs_instance *instance, struct vs_shard *shard,
		      uint16_t worker)
{
	/* stations, a key's and a value's size, groups, ns until idle, seed */
	const struct vs_table_params params = {
		512, sizeof(struct key), 0, 1, UINT64_C(60000000000), worker};

	(void)instance;
	return vs_table_create(&shard->table, shard->region,
			       vs_table_size(&params), &params);
}

static void ingress(const struct vs_call *call,
		    const struct vs_capture_burst *burst)
{
	const struct vs_frame *frame;

	VS_FOR_EACH (frame, burst) {
		struct key key = {vs_view(frame)->vsid,
				  vs_frame_source_mac(frame), 0};
		struct vs_table_item item = {.key = &key};
		if (vs_table_learn(call->shard->table, &item, call->now_ns,
				   NULL) == VS_TABLE_NEW)
			call->host->count(call, 0, 1);
	}
}

static const struct vs_capture_class capture = {.ingress = ingress};
static const struct vs_named counters[] = {
	{"learned", "Stations that were not seen for a minute."}};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "learning-counter",
	.version = "1",
	.guid = "4d8a2c8e-51f5-4a2b-9f0e-8c3a6d1b7e52",
	.help = "counts the stations that it learns of",
	.capture = &capture,
	.shard_size = sizeof(struct vs_shard),
	.shard_open = shard_open,
	.counters = counters,
	.counter_count = 1,
};
