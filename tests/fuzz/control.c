/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between hosts, over any bytes: a frame in a block of exactly its
 * size. One that is read says the same when it is written again about the
 * packet that it quotes.
 */
#include <stdlib.h>
#include <string.h>

#include "wnv/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The quote: behind Ethernet, IP and ICMP. */
static struct control_bytes quote_of(const struct control_bytes *frame,
				     const struct control_message *message)
{
	uint32_t headers =
		vs_ip_is_v4(&message->to.ip) ? 14 + 20 + 8 : 14 + 40 + 8;

	return (struct control_bytes){frame->at + headers,
				      frame->size - headers};
}

static void write_again(const struct control_bytes *frame,
			const struct control_message *message)
{
	const struct control_macs macs = {{{2, 0, 0, 0, 0, 1}},
					  {{2, 0, 0, 0, 0, 2}}};
	const struct control_bytes quote = quote_of(frame, message);
	uint8_t *made = malloc(CONTROL_FRAME);
	struct control_message again;
	struct control_bytes whole;

	if (!made)
		abort();
	whole = (struct control_bytes){
		made, control_write(message, &macs, &quote, made)};
	if (whole.size > CONTROL_FRAME)
		abort();
	/* a quote that begins far behind may be cut: then it is none */
	if (control_read(&whole, &again) &&
	    (again.kind != message->kind ||
	     !wnv_pa_equal(&again.from, &message->from) ||
	     !wnv_pa_equal(&again.to, &message->to) ||
	     again.quote.vsid.value != message->quote.vsid.value ||
	     !wnv_ca_equal(&again.quote.target_ca, &message->quote.target_ca)))
		abort();
	free(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct control_message message;
	struct control_bytes frame;
	uint8_t *exact;

	if (size > 4096)
		return 0;
	exact = malloc(size ? size : 1);
	if (!exact)
		abort();
	memcpy(exact, bytes, size);
	frame = (struct control_bytes){exact, (uint32_t)size};
	if (control_read(&frame, &message))
		write_again(&frame, &message);
	free(exact);
	return 0;
}
