// SPDX-License-Identifier: Apache-2.0
/*
 * vs_table against a list: the input is a capacity and a list of operations,
 * four bytes each.
 */
#include <stdio.h>

#include "tests/support/table_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void step(struct model *model, const uint8_t op[4])
{
	uint32_t group = op[2] % MODEL_GROUPS;

	switch (op[0] % 8) {
	case 0:
		model_forget(model, op[1]);
		break;
	case 1:
		model_seen(model, op[1]);
		break;
	case 2:
		model->now += op[3];
		break;
	case 3:
		if (op[1] == 0)
			model_flush(model, op[3] ? group : UINT32_MAX);
		else if (op[1] == 1)
			model_sweep(model);
		else
			model_compare(model);
		break;
	case 4:
		model->quota[group] = op[3];
		vs_table_quota(model->table, group, op[3]);
		break;
	default:
		model_learn(model, op[1], op[3] % 4, group);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct model model;
	size_t at;

	if (size < 1)
		return 0;
	model_open(&model, bytes[0] % 128 + 1u, bytes[0]);
	for (at = 1; at + 4 <= size && !model.wrong; at += 4)
		step(&model, bytes + at);
	model_compare(&model);
	if (model.wrong) {
		fprintf(stderr, "%s\n", model.wrong);
		abort();
	}
	model_close(&model);
	return 0;
}
