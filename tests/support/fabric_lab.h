/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fabric_lab.h: the document of the trust tests: two tenants with equal
 * addresses and equal MACs on two hosts, a third host that is only named, and
 * a pass-through port on each host.
 *
 *   10.0.0.5, .6 and fd00::5 on a; .7, .8 and fd00::7 on b; .9 on 192.0.2.3;
 *   blue is VSID 5001, red 6001; the MAC of .N is 02:00:00:00:00:0N
 */
#ifndef TESTS_SUPPORT_FABRIC_LAB_H
#define TESTS_SUPPORT_FABRIC_LAB_H

#include <stdbool.h>
#include <stdio.h>

#define LAB_BLUE 5001u
#define LAB_RED	 6001u

struct lab_text {
	char bytes[8192];
	size_t size;
};

#define LAB_ADD(text, ...)                                                     \
	((text)->size +=                                                       \
	 (size_t)snprintf((text)->bytes + (text)->size,                        \
			  sizeof((text)->bytes) - (text)->size, __VA_ARGS__))

static inline void lab_l2only(struct lab_text *text)
{
	unsigned int vm;

	LAB_ADD(text, "\"l2only\": {");
	for (vm = 5; vm < 9; vm++)
		LAB_ADD(text,
			"%s\"02:00:00:00:00:0%u\": {\"pa\": \"192.0.2.%c\"}",
			vm > 5 ? ", " : "", vm, vm < 7 ? '1' : '2');
	LAB_ADD(text, "}, ");
}

static inline void lab_subnet(struct lab_text *text, const char *network,
			      unsigned int vsid, bool l2only)
{
	static const char pa[] = {'1', '1', '2', '2', '3'};
	unsigned int i;

	LAB_ADD(text,
		"\"%s\": {\"subnets\": {\"%u\": {\"prefixes\": "
		"[\"10.0.0.0/24\", \"fd00::/64\"], ",
		network, vsid);
	if (l2only)
		lab_l2only(text);
	LAB_ADD(text, "\"ca\": {");
	for (i = 0; i < sizeof(pa); i++)
		LAB_ADD(text,
			"\"10.0.0.%u\": {\"mac\": \"02:00:00:00:00:0%u\", "
			"\"pa\": \"192.0.2.%c\"}, ",
			i + 5, i + 5, pa[i]);
	LAB_ADD(text, "\"fd00::5\": {\"mac\": \"02:00:00:00:00:05\", "
		      "\"pa\": \"192.0.2.1\"}, "
		      "\"fd00::7\": {\"mac\": \"02:00:00:00:00:07\", "
		      "\"pa\": \"192.0.2.2\"}}}}}");
}

static inline void lab_port(struct lab_text *text, const char *tenant,
			    const char *vsid, unsigned int vm, const char *more)
{
	LAB_ADD(text,
		"\"%s%u\": {\"null\": true, \"vsid\": %s, "
		"\"ca\": [\"10.0.0.%u\"",
		tenant, vm, vsid, vm);
	if (vm & 1)
		LAB_ADD(text, ", \"fd00::%u\"", vm);
	LAB_ADD(text, "]%s}, ", more);
}

/* What the variants of the document differ in. */
struct lab_variant {
	const char *blue, *red; /* VSID of the ports blueN and redN */
	const char *more;	/* of host a's tenant ports, or "" */
	bool l2only;		/* the VMs may have further addresses */
};

static inline void lab_host(struct lab_text *text, unsigned int host,
			    const struct lab_variant *variant)
{
	const char *more = host ? "" : variant->more;
	unsigned int first = host ? 7 : 5, vm;

	LAB_ADD(text,
		"\"%c\": {\"switches\": {\"lab\": {\"uplinks\": {\"wire\": "
		"{\"pa\": {\"192.0.2.%u\": {\"prefix\": 24}}}}, "
		"\"stack\": [\"wnv\"], \"ports\": {",
		'a' + (int)host, host + 1);
	for (vm = first; vm < first + 2; vm++) {
		lab_port(text, "blue", variant->blue, vm, more);
		lab_port(text, "red", variant->red, vm, more);
	}
	LAB_ADD(text, "\"plain\": {\"null\": true, \"vsid\": 0, "
		      "\"mac-guard\": false}}}}}");
}

/* The document, in `text`. */
static inline const char *lab_document(struct lab_text *text,
				       const struct lab_variant *variant)
{
	text->size = 0;
	LAB_ADD(text, "{\"format\": 1, \"networks\": {");
	lab_subnet(text, "blue", LAB_BLUE, variant->l2only);
	LAB_ADD(text, ", ");
	lab_subnet(text, "red", LAB_RED, variant->l2only);
	LAB_ADD(text, "}, \"hosts\": {");
	lab_host(text, 0, variant);
	LAB_ADD(text, ", ");
	lab_host(text, 1, variant);
	LAB_ADD(text, "}}");
	return text->bytes;
}

#endif
