// SPDX-License-Identifier: Apache-2.0
/*
 * dhcp: answers the DHCPv4 of a subnet's VMs from policy: the address of the
 * VM's record, the subnet's gateway and MTU. A model of a filter that answers:
 * the question is consumed, the answer emitted to the port that asked.
 *
 *	vsctl dhcp add 5001 dns=10.0.0.53
 *
 * A VM without a record, and one that chose another server, is not its
 * business: those frames pass.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/extension.h>

#include "answer.h"

enum { COUNT_OFFERS, COUNT_ACKS, COUNT_NAKS };
static const struct vs_named counters[] = {
	[COUNT_OFFERS] = {"offers", "Addresses offered."},
	[COUNT_ACKS] = {"acks", "Addresses given."},
	[COUNT_NAKS] = {"naks", "Requests for an address that is another's."},
};

static const struct vs_state *configure(struct vs_instance *instance,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	(void)instance;
	return dhcp_leases_build(settings, error);
}

static void retire(struct vs_instance *instance, const struct vs_state *state)
{
	union {
		const struct vs_state *lent;
		struct vs_state *own;
	} handle = {.lent = state};

	(void)instance;
	dhcp_leases_free(handle.own);
}

static void count(const struct vs_call *call, uint8_t type)
{
	call->host->count(call,
			  type == DHCP_OFFER ? COUNT_OFFERS
			  : type == DHCP_ACK ? COUNT_ACKS
					     : COUNT_NAKS,
			  1);
}

/* False: no buffer; the client asks again. */
static bool answer(const struct vs_call *call, const struct vs_view *asked,
		   const struct dhcp_question *question,
		   const struct dhcp_lease *lease)
{
	uint8_t type = dhcp_answer_type(question, lease);
	struct vs_frame *frame;
	uint32_t size;

	if (!type)
		return true;
	frame = call->host->frame_new(call, DHCP_FRAME, asked->vsid);
	if (!frame)
		return false;
	size = dhcp_write(vs_frame_edit(frame, 0, DHCP_FRAME), type, question,
			  lease, &call->state->subnets[lease->subnet]);
	vs_frame_resize(frame, size);
	count(call, type);
	return call->host->emit(call, frame, VS_EMIT_PORT, asked->port,
				asked->port) == 0;
}

/* To us, or to nobody yet? A client that chose another server names it. */
static bool is_for_us(const struct dhcp_question *question,
		      const struct dhcp_lease *lease)
{
	uint8_t server[4];

	dhcp_server(lease, server);
	return !question->has_server ||
	       memcmp(question->server, server, 4) == 0;
}

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	if (!call->state->subnet_count)
		return;
	VS_FOR_EACH (frame, burst) {
		const struct vs_view *view = vs_view(frame);
		const struct dhcp_lease *lease;
		struct dhcp_question question;

		/* a port's own question: not one that was carried here */
		if (view->flags & (VS_FRAME_FROM_WIRE | VS_FRAME_INJECTED) ||
		    !dhcp_read(frame, &question))
			continue;
		lease = dhcp_lease_find(call->state, view->vsid, &question.mac);
		if (lease && is_for_us(&question, lease) &&
		    answer(call, view, &question, lease))
			vs_consume(frame, VS_CONSUMED_EXTENSION);
	}
}

static const struct vs_filter_class filter = {.ingress = ingress};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "dhcp",
	.version = "1",
	.guid = "c2e7a6a4-2f8b-4c55-8f7d-5f2b9d6c0e31",
	.help = "answers the DHCPv4 of a subnet's VMs from policy",
	.filter = &filter,
	.configure = configure,
	.retire = retire,
	.nouns = &dhcp_noun,
	.noun_count = 1,
	.counters = counters,
	.counter_count = 3,
};
