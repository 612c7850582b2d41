// SPDX-License-Identifier: Apache-2.0
/*
 * The words that are allowed, and libpcap's compiler on a handle without a
 * device.
 */
#include "filter.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#define WORD_SIZE 64u
#define SNAP	  262144

struct filter {
	struct bpf_program program;
};

/* The language's words on Ethernet (pcap-filter(7)); `gateway` is missing, as
 * it needs a name. */
static const char *const words[] = {
	/* primitives and qualifiers */
	"src", "dst", "host", "net", "mask", "port", "portrange", "proto",
	"protochain", "ether", "link", "ip", "ip6", "arp", "rarp", "tcp", "udp",
	"sctp", "icmp", "icmp6", "igmp", "igrp", "pim", "vrrp", "carp", "ah",
	"esp", "vlan", "mpls", "pppoed", "pppoes", "geneve", "stp", "iso",
	"broadcast", "multicast", "less", "greater", "and", "or", "not", "len",
	"length",
	/* named offsets and values */
	"tcpflags", "tcp-fin", "tcp-syn", "tcp-rst", "tcp-push", "tcp-ack",
	"tcp-urg", "tcp-ece", "tcp-cwr", "icmptype", "icmpcode",
	"icmp-echoreply", "icmp-unreach", "icmp-sourcequench", "icmp-redirect",
	"icmp-echo", "icmp-routeradvert", "icmp-routersolicit", "icmp-timxceed",
	"icmp-paramprob", "icmp-tstamp", "icmp-tstampreply", "icmp-ireq",
	"icmp-ireqreply", "icmp-maskreq", "icmp-maskreply", "icmp6type",
	"icmp6code", "icmp6-destinationrunreach", "icmp6-packettoobig",
	"icmp6-timeexceeded", "icmp6-parameterproblem", "icmp6-echo",
	"icmp6-echoreply", "icmp6-routersolicit", "icmp6-routeradvert",
	"icmp6-neighborsolicit", "icmp6-neighboradvert", "icmp6-redirect"};

static bool is_word(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], text) == 0)
			return true;
	return false;
}

/* 0x and hex digits; or up to four decimal numbers joined by dots (an address
 * or the beginning of one); or two joined by a colon (an offset and a size). */
static bool is_number(const char *text)
{
	char joint = '\0';
	unsigned int joints = 0;

	if (text[0] == '0' && text[1] == 'x' && text[2])
		return !text[2 + strspn(text + 2, "0123456789abcdefABCDEF")];
	for (;;) {
		if (!isdigit((unsigned char)*text))
			return false;
		text += strspn(text, "0123456789");
		if (!*text)
			return true;
		if ((*text != '.' && *text != ':') || (joint && *text != joint))
			return false;
		joint = *text++;
		if (++joints > (joint == '.' ? 3 : 1))
			return false;
	}
}

/* What `portrange` takes: two numbers joined by -. */
static bool is_range(const char *text)
{
	size_t first = strspn(text, "0123456789");

	return first && text[first] == '-' && text[first + 1] &&
	       !text[first + 1 + strspn(text + first + 1, "0123456789")];
}

static bool is_address(const char *text)
{
	struct vs_mac mac;
	struct vs_ip ip;

	return vs_mac_parse(text, &mac) == 0 || vs_ip_parse(text, &ip) == 0;
}

/* May libpcap see this word? What it would take for a name, it may not. */
static bool is_harmless(const char *word, const char *before)
{
	if (is_range(word))
		return strcmp(before, "portrange") == 0;
	return is_word(word) || is_number(word) || is_address(word);
}

static int check_words(const char *text, struct vs_error *error)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.:-\\";
	static const char joints[] = " \t&|!()[]<>=+-*/%^~";
	char before[WORD_SIZE], word[WORD_SIZE] = "";
	size_t size;

	for (;;) {
		text += strspn(text, joints);
		size = strspn(text, letters);
		if (!size && *text)
			return vs_error_set(error, EINVAL, "",
					    "filter: character code %d is not "
					    "of the language",
					    (unsigned char)*text);
		if (!size)
			return 0;
		if (size >= WORD_SIZE)
			return vs_error_set(error, EINVAL, "",
					    "filter: a word is longer than %u",
					    WORD_SIZE - 1);
		memcpy(before, word, WORD_SIZE);
		memcpy(word, text, size);
		word[size] = '\0';
		if (!is_harmless(word, before))
			return vs_error_set(error, EINVAL, "",
					    "filter: \"%s\" is no word of "
					    "pcap-filter(7), and names are not "
					    "looked up: write numbers and "
					    "addresses",
					    word);
		text += size;
	}
}

int filter_compile(struct filter **filter, const char *expression,
		   struct vs_error *error)
{
	struct filter *made = NULL;
	pcap_t *dead;
	int result;

	*filter = NULL;
	result = check_words(expression, error);
	if (result || !expression[strspn(expression, " \t")])
		return result;
	dead = pcap_open_dead(DLT_EN10MB, SNAP);
	if (dead)
		made = calloc(1, sizeof(*made));
	if (!made) {
		result = vs_error_set(error, ENOMEM, "",
				      "no memory for the filter");
	} else if (pcap_compile(dead, &made->program, expression, 1,
				PCAP_NETMASK_UNKNOWN)) {
		result = vs_error_set(error, EINVAL, "",
				      "filter: %s: see pcap-filter(7)",
				      pcap_geterr(dead));
		free(made);
	} else {
		*filter = made;
	}
	if (dead)
		pcap_close(dead);
	return result;
}

void filter_free(struct filter *filter)
{
	if (filter)
		pcap_freecode(&filter->program);
	free(filter);
}

bool filter_takes(const struct filter *filter, const uint8_t *bytes,
		  uint32_t size, uint32_t original)
{
	return !filter ||
	       bpf_filter(filter->program.bf_insns, bytes, original, size) != 0;
}
