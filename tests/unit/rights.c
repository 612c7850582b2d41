// SPDX-License-Identifier: Apache-2.0
/*
 * What each class may do, hook by hook (hnv.md C2): every deed is tried in
 * every hook. What is not allowed has no effect, const cast away or not, and
 * an event names the extension.
 */
#include <errno.h>
#include <string.h>

#include "core/reason.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

enum hook {
	CAPTURE_INGRESS,
	CAPTURE_EGRESS,
	FILTER_INGRESS,
	FILTER_EGRESS,
	FORWARD_DECIDE,
	FORWARD_EGRESS,
	FROM_WIRE,
	TO_WIRE,
	TICK_OF_FILTER,
	HOOKS
};

#define DEEDS(X)                                                               \
	X(DROP)                                                                \
	X(CONSUME)                                                             \
	X(EDIT)                                                                \
	X(PULL)                                                                \
	X(PUSH)                                                                \
	X(RESIZE)                                                              \
	X(SET_OFFLOAD)                                                         \
	X(SET_VSID)                                                            \
	X(EXCLUDE)                                                             \
	X(EXCLUDE_ALL)                                                         \
	X(ADD)                                                                 \
	X(LEARN)                                                               \
	X(EMIT_INGRESS)                                                        \
	X(EMIT_PORT)                                                           \
	X(EMIT_ADMIT)                                                          \
	X(EMIT_UPLINK)                                                         \
	X(RECIPE)                                                              \
	X(REFLECT)                                                             \
	X(HOLD)                                                                \
	X(HOLD_OUTBOUND)

#define NUMBER(deed) deed,
enum deed { DEEDS(NUMBER) ALL_DEEDS };
#define NAME(deed) #deed,
static const char *const deed_names[] = {DEEDS(NAME)};

static struct {
	enum hook hook;
	enum deed deed;
	uint32_t done; /* how often it was tried */
} told;

static struct rig *rig;
static uint8_t bytes[60];

#define BIT(deed) (1u << (deed))
#define ANSWERS	  (BIT(DROP) | BIT(CONSUME))
#define EDITS                                                                  \
	(BIT(EDIT) | BIT(PULL) | BIT(PUSH) | BIT(RESIZE) | BIT(SET_OFFLOAD))
#define EMITS  (BIT(EMIT_INGRESS) | BIT(EMIT_PORT))
#define WIRE   (BIT(EMIT_ADMIT) | BIT(EMIT_UPLINK) | BIT(EMIT_PORT))
#define LESSER (BIT(EXCLUDE) | BIT(EXCLUDE_ALL))

/* hnv.md C2.3 to C2.9, and house.md's table of classes */
static const uint32_t allowed[HOOKS] = {
	[CAPTURE_INGRESS] = 0,
	[CAPTURE_EGRESS] = 0,
	[FILTER_INGRESS] = ANSWERS | EDITS | EMITS | BIT(HOLD),
	[FILTER_EGRESS] = LESSER | EMITS,
	[FORWARD_DECIDE] = ANSWERS | EDITS | EMITS | BIT(ADD) | BIT(LEARN),
	[FORWARD_EGRESS] = LESSER | EMITS,
	[FROM_WIRE] = ANSWERS | EDITS | WIRE | BIT(SET_VSID) | BIT(RECIPE),
	[TO_WIRE] = ANSWERS | WIRE | BIT(RECIPE) | BIT(REFLECT) |
		    BIT(HOLD_OUTBOUND),
	[TICK_OF_FILTER] = EMITS,
};

static void emit(const struct vs_call *call, enum vs_emit where, uint16_t to)
{
	struct vs_frame *frame =
		call->host->frame_new(call, 60, (struct vs_vsid){5001});

	ck_assert_ptr_nonnull(frame);
	rig_udp(vs_frame_edit(frame, 0, 60), 60, 50, 3);
	call->host->emit(call, frame, where, (struct vs_port_id){to},
			 (struct vs_port_id){0});
}

/* The handles are one and the same; a bad extension knows. */
static void with_frame(struct vs_frame *frame)
{
	struct vs_offload offload = {.csum_start = VS_ABSENT};
	uint8_t *byte;

	switch (told.deed) {
	case DROP:
		vs_drop(frame, VS_REASON_ACL_DENY);
		break;
	case CONSUME:
		vs_consume(frame, VS_CONSUMED_EXTENSION);
		break;
	case EDIT:
		byte = vs_frame_edit(frame, 50, 1);
		if (byte)
			*byte ^= 1;
		break;
	case PULL:
		vs_frame_pull(frame, 1);
		break;
	case PUSH:
		vs_frame_push(frame, 1);
		break;
	case RESIZE:
		vs_frame_resize(frame, 59);
		break;
	case SET_OFFLOAD:
		vs_frame_set_offload(frame, &offload);
		break;
	default:
		vs_frame_set_vsid(frame, (struct vs_vsid){6001});
		break;
	}
}

static void with_destinations(struct vs_frame *frame)
{
	struct vs_delivery *delivery = (struct vs_delivery *)frame;
	struct vs_decision *decision = (struct vs_decision *)frame;

	switch (told.deed) {
	case EXCLUDE:
		vs_delivery_exclude(delivery, (struct vs_port_id){3},
				    VS_REASON_ACL_DENY);
		break;
	case EXCLUDE_ALL:
		vs_delivery_drop(delivery, VS_REASON_ACL_DENY);
		break;
	case ADD:
		vs_decision_add(decision, (struct vs_port_id){4});
		break;
	default:
		vs_decision_learn(decision);
		break;
	}
}

static void with_recipe(const struct vs_call *call,
			const struct vs_frame *frame)
{
	struct vs_recipe *recipe = call->host->recipe_open(call, frame);

	if (recipe)
		call->host->recipe_commit(call, recipe);
}

static void with_host(const struct vs_call *call, struct vs_frame *frame)
{
	struct vs_outbound *outbound = (struct vs_outbound *)frame;
	const struct vs_frame *kept;
	uint8_t header[14] = {2, 0, 0, 0, 0, 3};

	switch (told.deed) {
	case EMIT_INGRESS:
		emit(call, VS_EMIT_INGRESS, 0);
		break;
	case EMIT_PORT:
		emit(call, VS_EMIT_PORT, 3);
		break;
	case EMIT_ADMIT:
		emit(call, VS_EMIT_ADMIT, 0);
		break;
	case EMIT_UPLINK:
		emit(call, VS_EMIT_UPLINK, 9);
		break;
	case RECIPE:
		with_recipe(call, frame);
		break;
	case REFLECT:
		call->host->reflect(call, outbound, (struct vs_vsid){5001},
				    header, sizeof(header));
		break;
	case HOLD:
		call->host->hold(call, frame);
		break;
	default:
		call->host->hold_outbound(call, outbound, &kept);
		break;
	}
}

/* In its hook, with the first frame, once. */
static void act(enum hook hook, const struct vs_call *call,
		const struct vs_burst *burst)
{
	struct vs_frame *frame = burst ? burst->frame[0] : NULL;

	if (hook != told.hook || told.done)
		return;
	told.done++;
	if (told.deed >= EMIT_INGRESS)
		with_host(call, frame);
	else if (told.deed >= EXCLUDE)
		with_destinations(frame);
	else
		with_frame(frame);
}

/* -- the extensions ---------------------------------------------------------
 */

#define HOOK(name, number, type)                                               \
	static void name(const struct vs_call *call, type *burst)              \
	{                                                                      \
		act(number, call, (const struct vs_burst *)burst);             \
	}

HOOK(capture_in, CAPTURE_INGRESS, const struct vs_capture_burst)
HOOK(capture_out, CAPTURE_EGRESS, const struct vs_sight_burst)
HOOK(filter_in, FILTER_INGRESS, struct vs_burst)
HOOK(filter_out, FILTER_EGRESS, struct vs_delivery_burst)
HOOK(decide, FORWARD_DECIDE, struct vs_decision_burst)
HOOK(forward_out, FORWARD_EGRESS, struct vs_delivery_burst)
HOOK(from_wire, FROM_WIRE, struct vs_burst)
HOOK(to_wire, TO_WIRE, struct vs_outbound_burst)

static void decide_or_learn(const struct vs_call *call,
			    struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	decide(call, burst);
	VS_FOR_EACH (decision, burst)
		vs_decision_learn(decision);
}

static uint64_t tick(const struct vs_call *call)
{
	if (told.deed >= EMIT_INGRESS && told.deed < RECIPE)
		act(TICK_OF_FILTER, call, NULL);
	return UINT64_MAX;
}

static bool serves(const struct vs_state *state, struct vs_vsid vsid)
{
	(void)state;
	return vsid.value == 5001;
}

static bool is_remote(const struct vs_state *state, struct vs_vsid vsid,
		      const struct vs_mac *mac)
{
	(void)state;
	return vsid.value == 5001 && mac->octet[5] == 99;
}

static const struct vs_capture_class captures = {.ingress = capture_in,
						 .egress = capture_out};
static const struct vs_filter_class filters = {.ingress = filter_in,
					       .egress = filter_out};
static const struct vs_forward_class forwards = {.decide = decide_or_learn,
						 .egress = forward_out};
static const struct vs_translate_class translates = {.from_wire = from_wire,
						     .to_wire = to_wire,
						     .serves = serves,
						     .is_remote = is_remote};
static const struct vs_extension capture = {VS_EXTENSION_HEAD, .name = "eye",
					    .capture = &captures};
static const struct vs_extension filter = {VS_EXTENSION_HEAD, .name = "sieve",
					   .filter = &filters, .tick = tick};
static const struct vs_extension forward = {
	VS_EXTENSION_HEAD, .name = "chooser", .forward = &forwards};
static const struct vs_extension translate = {VS_EXTENSION_HEAD, .name = "wire",
					      .translate = &translates};

static const struct vs_extension *const whose[HOOKS] = {
	&capture, &capture,   &filter,	  &filter, &forward,
	&forward, &translate, &translate, &filter};

/* -- each row ---------------------------------------------------------------
 */

static uint32_t complaints(const char *source)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < rig->event_count; i++)
		count += strcmp(rig->event[i].source, source) == 0 &&
			 strcmp(rig->event[i].name, "service_refused") == 0;
	return count;
}

/* The frame that the hook sees: it came from vm2 to vm3, to a MAC behind the
 * wire, or from there. */
static void send(enum hook hook)
{
	uint8_t to = hook == TO_WIRE ? 99 : 3;

	rig_udp(bytes, sizeof(bytes), 2, to);
	rig_input(rig, hook == FROM_WIRE ? 9 : 2, bytes, sizeof(bytes));
	rig_tick(rig);
}

static void try(enum hook hook, enum deed deed)
{
	bool may = allowed[hook] >> deed & 1;

	/* there is none to take away yet */
	if (deed == EXCLUDE_ALL &&
	    (hook == CAPTURE_INGRESS || hook == FILTER_INGRESS ||
	     hook == FORWARD_DECIDE || hook == FROM_WIRE))
		return;
	told.hook = hook;
	told.deed = deed;
	told.done = 0;
	rig = rig_open(NULL);
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "vm4", 4, 5001);
	rig_uplink(rig, "wire", 9);
	rig_attach(rig, whose[hook]);
	rig_publish(rig);
	send(hook);
	if (hook != TICK_OF_FILTER || (deed >= EMIT_INGRESS && deed < RECIPE))
		ck_assert_msg(told.done, "hook %d never ran", hook);
	ck_assert_msg(complaints(whose[hook]->name) ==
			      (told.done && !may ? 1 : 0),
		      "%s in hook %d of %s: %s", deed_names[deed], hook,
		      whose[hook]->name, may ? "refused" : "not refused");
	/* as if nothing had been tried */
	if (!may && hook != TO_WIRE && hook != FROM_WIRE) {
		ck_assert_uint_eq(rig->sent_count, 1);
		ck_assert_uint_eq(rig->sent[0].port.value, 3);
		ck_assert_uint_eq(rig->sent[0].size, sizeof(bytes));
		ck_assert_mem_eq(rig->sent[0].bytes, bytes, sizeof(bytes));
	}
	if (!may && hook == TO_WIRE)
		ck_assert_uint_eq(rig_dropped(rig, VS_REASON_UNTRANSLATED), 1);
	ck_assert_int_eq(rig_balance(rig), 0);
	rig_close(rig);
}

static void try_all(enum hook hook)
{
	for (enum deed deed = 0; deed < ALL_DEEDS; deed++)
		try(hook, deed);
}

START_TEST(capture_looks_and_does_nothing)
{
	try_all(CAPTURE_INGRESS);
	try_all(CAPTURE_EGRESS);
}
END_TEST

START_TEST(filter_answers_edits_and_holds_on_ingress_only)
{
	try_all(FILTER_INGRESS);
}
END_TEST

START_TEST(filter_takes_destinations_away_on_egress_only)
{
	try_all(FILTER_EGRESS);
}
END_TEST

START_TEST(forward_alone_chooses_destinations)
{
	try_all(FORWARD_DECIDE);
	try_all(FORWARD_EGRESS);
}
END_TEST

START_TEST(translate_alone_works_at_the_wire)
{
	try_all(FROM_WIRE);
	try_all(TO_WIRE);
}
END_TEST

START_TEST(tick_has_no_frame_but_its_own)
{
	try_all(TICK_OF_FILTER);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rights");
	TCase *tcase = tcase_create("rights");

	tcase_add_test(tcase, capture_looks_and_does_nothing);
	tcase_add_test(tcase, filter_answers_edits_and_holds_on_ingress_only);
	tcase_add_test(tcase, filter_takes_destinations_away_on_egress_only);
	tcase_add_test(tcase, forward_alone_chooses_destinations);
	tcase_add_test(tcase, translate_alone_works_at_the_wire);
	tcase_add_test(tcase, tick_has_no_frame_but_its_own);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
