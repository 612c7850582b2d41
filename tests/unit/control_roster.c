/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rosters and the stores on top of them against a plain model under random
 * changes: versions that were shared stay as they were, and two versions
 * differ in what the model says.
 */
#include "control/pack.h"
#include "control/roster.h"
#include "control/value.h"
#include "tests/support/control_fixture.h"
#include "tests/support/prng.h"
#include "tests/support/suite.h"

#define KEYS	 600u
#define VERSIONS 6u
#define STEPS	 20000u

/* What a version holds: the number of each key, 0 = not there. */
struct model {
	struct roster roster;
	uint16_t number[KEYS];
};

/* A packed object: the key (half of them IPv6), and two bytes behind it. */
static size_t object_of(uint32_t key, uint16_t number, uint8_t *to)
{
	struct vs_value value = {.kind = VS_KIND_IP, .present = true};
	size_t size;

	value.ip.octet[15] = (uint8_t)key;
	value.ip.octet[14] = (uint8_t)(key >> 8);
	if (key < KEYS / 2)
		value.ip.octet[10] = value.ip.octet[11] = 0xff;
	else
		value.ip.octet[0] = 0x20;
	size = pack_key(&value, to, 32);
	memcpy(to + size, &number, sizeof(number));
	/* some objects are longer than others */
	memset(to + size + sizeof(number), 0, number % 97);
	return size + sizeof(number) + number % 97;
}

static uint16_t number_at(const uint8_t *object)
{
	uint16_t number;

	memcpy(&number, object + 1 + object[0], sizeof(number));
	return number;
}

static void check_walk(const struct model *model)
{
	struct roster_cursor cursor;
	const uint8_t *object = roster_first(&model->roster, &cursor);
	size_t count = 0;
	uint32_t key;

	for (key = 0; key < KEYS; key++) {
		if (!model->number[key])
			continue;
		ck_assert_ptr_nonnull(object);
		ck_assert_uint_eq(number_at(object), model->number[key]);
		object = roster_next(&cursor);
		count++;
	}
	ck_assert_ptr_null(object);
	ck_assert_uint_eq(model->roster.count, count);
}

/* Counts what differs by a walk that steps over what is shared. */
static uint32_t differences(const struct model *a, const struct model *b)
{
	struct roster_cursor x, y;
	const uint8_t *one = roster_first(&a->roster, &x);
	const uint8_t *other = roster_first(&b->roster, &y);
	uint32_t count = 0;
	int order;

	while (one || other) {
		if (one && other && roster_skip_shared(&x, &y, &one, &other))
			continue;
		order = !one ? 1 : !other ? -1 : pack_compare(one, other);
		count += order || number_at(one) != number_at(other);
		if (order <= 0)
			one = roster_next(&x);
		if (order >= 0)
			other = roster_next(&y);
	}
	return count;
}

static void check_differences(const struct model *a, const struct model *b)
{
	uint32_t key, count = 0;

	for (key = 0; key < KEYS; key++)
		count += a->number[key] != b->number[key];
	ck_assert_uint_eq(differences(a, b), count);
}

static void change(struct model *model, struct prng *prng, uint32_t most)
{
	uint32_t key = prng_below(prng, most);
	uint16_t number = (uint16_t)(1 + prng_below(prng, 60000));
	struct roster_cursor cursor;
	uint8_t object[256];
	size_t size = object_of(key, number, object);

	ck_assert_int_eq(roster_find(&model->roster, object, &cursor) != NULL,
			 model->number[key] != 0);
	if (prng_below(prng, 3)) {
		ck_assert_int_eq(roster_put(&model->roster, object, size), 0);
		model->number[key] = number;
	} else {
		ck_assert_int_eq(roster_remove(&model->roster, object),
				 model->number[key] ? 0 : -ENOENT);
		model->number[key] = 0;
	}
}

START_TEST(shared_versions_stay_as_they_were_and_differ_as_the_model_says)
{
	struct model versions[VERSIONS] = {{.number = {0}}};
	struct model *from, *to;
	struct prng prng = prng_start(prng_seed());
	uint32_t i, most = KEYS;

	for (i = 0; i < STEPS; i++) {
		from = &versions[prng_below(&prng, VERSIONS)];
		if (i % 512 == 0)
			most = 1 + prng_below(&prng, KEYS);
		if (prng_below(&prng, 40)) {
			change(from, &prng, most);
			continue;
		}
		to = &versions[prng_below(&prng, VERSIONS)];
		check_differences(from, to);
		check_walk(from);
		if (from == to)
			continue;
		roster_clear(&to->roster);
		*to = *from;
		to->roster = roster_share(&from->roster);
	}
	for (i = 0; i < VERSIONS; i++) {
		check_walk(&versions[i]);
		roster_clear(&versions[i].roster);
	}
}
END_TEST

START_TEST(objects_in_order_fill_their_leaves)
{
	struct roster roster = {.root = NULL};
	struct roster_cursor cursor;
	const uint8_t *object;
	uint8_t bytes[256];
	uint32_t key, leaves = 0;

	for (key = 0; key < KEYS; key++)
		ck_assert_int_eq(
			roster_put(&roster, bytes, object_of(key, 97, bytes)),
			0);
	object = roster_first(&roster, &cursor);
	for (; object; object = roster_next(&cursor))
		leaves += cursor.at[0] == 0;
	ck_assert_uint_le(leaves, KEYS / 64 + 1);
	roster_clear(&roster);
}
END_TEST

/* -- values -------------------------------------------------------------------
 */

static struct record *record_of(const struct schema_noun *noun,
				const char *text)
{
	struct vs_value values[SCHEMA_FIELDS] = {{.present = false}};
	json_t *json = json_loads(text, 0, NULL), *each;
	struct vs_error error;
	struct record *record;
	const char *name;
	uint16_t i;

	json_object_foreach(json, name, each)
	{
		i = (uint16_t)schema_field(noun, name);
		ck_assert_int_eq(value_parse(&noun->noun->fields[i], each,
					     VALUE_STRICT, &values[i], &error),
				 0);
	}
	record = record_create(noun, values);
	for (i = 0; i < noun->noun->field_count; i++)
		value_clear(&values[i]);
	json_decref(json);
	return record;
}

START_TEST(every_kind_of_value_survives_packing)
{
	static const char *const texts[] = {
		"{\"name\": \"a\", \"tap\": \"a\", \"rdmap\": "
		"[\"17:5001\", \"0:5002\"]}",
		"{\"name\": \"b\", \"tap\": \"eth0\", \"vsid\": 5001, "
		"\"ca\": [\"10.0.0.5\", \"2001:db8::5\"], "
		"\"mac\": \"02:00:00:00:00:05\", \"mtu\": 1400, "
		"\"mac-guard\": false}",
	};
	static const char *const rules[] = {
		"{\"rule\": \"deny in\", \"action\": \"deny\", \"direction\": "
		"\"in\", \"remote\": \"10.0.0.0/8\"}",
		"{\"rule\": \"allow out\", \"action\": \"allow\", "
		"\"direction\": \"out\", \"local\": \"any\"}",
	};
	struct bench bench = {.now_ns = 0};
	const struct schema_noun *noun;
	struct vs_value values[SCHEMA_FIELDS], elements[8];
	struct record *record;
	uint8_t bytes[512];
	uint16_t i, k;

	bench_start(&bench, NULL);
	for (k = 0; k < 4; k++) {
		noun = schema_find(bench.schema, k < 2 ? "port" : "acl");
		record = record_of(noun, k < 2 ? texts[k] : rules[k - 2]);
		ck_assert_uint_le(pack_size(record), sizeof(bytes));
		pack_write(record, bytes);
		ck_assert_uint_le(pack_elements(noun, bytes), 8);
		pack_read(noun, bytes, values, elements);
		for (i = 0; i < noun->noun->field_count; i++)
			ck_assert_msg(
				value_equal(&values[i], &record->values[i]),
				"%s", noun->noun->fields[i].name);
		record_release(record);
	}
	bench_stop(&bench);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("control_roster");
	TCase *tc = tcase_create("roster");

	tcase_add_test(
		tc,
		shared_versions_stay_as_they_were_and_differ_as_the_model_says);
	tcase_add_test(tc, objects_in_order_fill_their_leaves);
	tcase_add_test(tc, every_kind_of_value_survives_packing);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return suite_main(suite());
}
