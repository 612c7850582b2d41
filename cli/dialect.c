// SPDX-License-Identifier: Apache-2.0
/*
 * dialect.c: other switches' commands -> the line to type. Two tables: lines
 * by position (ovs-vsctl, brctl) and cmdlets by -Parameter (PowerShell). The
 * translation is text for a person, not a promise: nothing is carried out.
 */
#include "dialect.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* $1 $2 are the words behind; a word that is missing stays a NAME. */
static const struct phrase {
	const char *word, *line;
} phrases[] = {
	{"add-br", "vsctl switch add $1"},
	{"del-br", "vsctl switch del $1"},
	{"list-br", "vsctl switch list"},
	{"br-exists", "vsctl switch show $1"},
	{"add-port", "vsctl port add $2 packet=$2 switch=$1"},
	{"del-port", "vsctl port del $2 switch=$1"},
	{"list-ports", "vsctl port list switch=$1"},
	{"list-ifaces", "vsctl port list switch=$1"},
	{"port-to-br", "vsctl port show $1"},
	{"fdb/show", "vsctl fdb switch=$1"},
	{"fdb/flush", "vsctl fdb flush switch=$1"},
	{"ofproto/trace", "vsctl trace PORT 'tcp ADDRESS:PORT'"},
	{"dump-ports", "vsctl stats"},
	{"coverage/show", "vsctl drops"},
	{"addbr", "vsctl switch add $1"},
	{"delbr", "vsctl switch del $1"},
	{"addif", "vsctl port add $2 packet=$2 switch=$1"},
	{"delif", "vsctl port del $2 switch=$1"},
	{"showmacs", "vsctl fdb switch=$1"},
};

static const char *const programs[] = {
	"ovs-vsctl",
	"ovs-appctl",
	"ovs-ofctl",
	"brctl",
};

/* What becomes of a parameter's value. */
enum value_form {
	FORM_WORD,
	FORM_KEY,
	FORM_LOWER,
	FORM_MAC,
	FORM_RULE,
	FORM_TRUTH,	/* $true, On -> on */
	FORM_OPPOSITE,	/* On -> off: spoofing, and the guard against it */
	FORM_DIRECTION, /* Inbound -> in */
};

static const struct parameter {
	const char *parameter, *field;
	enum value_form form;
} parameters[] = {
	{"CustomerAddress", "", FORM_KEY},
	{"VirtualSubnetID", "vsid", FORM_WORD},
	{"MACAddress", "mac", FORM_MAC},
	{"ProviderAddress", "pa", FORM_WORD},
	{"PrefixLength", "prefix", FORM_WORD},
	{"Rule", "rule", FORM_RULE},
	{"Type", "type", FORM_LOWER},
	{"RoutingDomainID", "network", FORM_WORD},
	{"CustomerID", "", FORM_WORD},
	{"DestinationPrefix", "", FORM_KEY},
	{"NextHop", "next-hop", FORM_WORD},
	{"Metric", "metric", FORM_WORD},
	{"InterfaceIndex", "uplink", FORM_WORD},
	{"InterfaceAlias", "uplink", FORM_WORD},
	{"NetAdapterName", "uplink", FORM_WORD},
	{"SwitchName", "switch", FORM_WORD},
	{"SwitchType", "type", FORM_LOWER},
	{"VMNetworkAdapterName", "", FORM_KEY},
	{"VMSwitchName", "switch", FORM_WORD},
	{"AllowManagementOS", "host-port", FORM_TRUTH},
	{"StaticMacAddress", "mac", FORM_MAC},
	{"MacAddressSpoofing", "mac-guard", FORM_OPPOSITE},
	{"DhcpGuard", "dhcp-guard", FORM_TRUTH},
	{"RouterGuard", "router-guard", FORM_TRUTH},
	{"IeeePriorityTag", "priority-tag", FORM_TRUTH},
	{"StormLimit", "storm-limit", FORM_WORD},
	{"DynamicIPAddressLimit", "ip-limit", FORM_WORD},
	{"MaximumBandwidth", "bandwidth-out", FORM_WORD},
	{"MinimumBandwidthWeight", "bandwidth-weight", FORM_WORD},
	{"VlanID", "vlan", FORM_WORD},
	{"AccessVlanId", "vlan", FORM_WORD},
	{"NativeVlanId", "native", FORM_WORD},
	{"AllowedVlanIdList", "trunk", FORM_WORD},
	{"IsolationMode", "isolation", FORM_LOWER},
	{"Action", "action", FORM_LOWER},
	{"Direction", "direction", FORM_DIRECTION},
	{"LocalIPAddress", "local", FORM_WORD},
	{"RemoteIPAddress", "remote", FORM_WORD},
	{"LocalMacAddress", "local-mac", FORM_MAC},
	{"RemoteMacAddress", "remote-mac", FORM_MAC},
	{"Protocol", "proto", FORM_LOWER},
	{"LocalPort", "lport", FORM_WORD},
	{"RemotePort", "rport", FORM_WORD},
	{"Weight", "weight", FORM_WORD},
	{"Stateful", "stateful", FORM_TRUTH},
	{"IdleSessionTimeout", "timeout", FORM_WORD},
	{"SourceCustomerAddress", "src", FORM_WORD},
	{"SourceVirtualSubnetID", "vsid", FORM_WORD},
	{"DestinationCustomerAddress", "ca", FORM_WORD},
	{"ReceiverIPAddress", "", FORM_KEY},
	{"PayloadSize", "size", FORM_WORD},
	{"UseVmMACAddress", "use-vm-mac", FORM_TRUTH},
	{"Name", "", FORM_KEY},
};

static const struct cmdlet {
	const char *noun_phrase, *noun;
	const char *key; /* the parameter that is the key here, or NULL */
} cmdlets[] = {
	{"NetVirtualizationLookupRecord", "ca", NULL},
	{"NetVirtualizationProviderAddress", "pa", "ProviderAddress"},
	{"NetVirtualizationCustomerRoute", "route", NULL},
	{"NetVirtualizationProviderRoute", "paroute", NULL},
	{"VMSwitch", "switch", NULL},
	{"VMNetworkAdapter", "port", NULL},
};

/* Cmdlets whose verb says something else here. */
static const struct cmdlet_line {
	const char *cmdlet, *line;
} cmdlet_lines[] = {
	{"Set-VMNetworkAdapterVlan", "port set"},
	{"Get-VMNetworkAdapterVlan", "port list"},
	{"Set-VMNetworkAdapterIsolation", "port set"},
	{"Get-VMNetworkAdapterIsolation", "port list"},
	{"Connect-VMNetworkAdapter", "port set"},
	{"Add-VMNetworkAdapterAcl", "acl add"},
	{"Remove-VMNetworkAdapterAcl", "acl del"},
	{"Get-VMNetworkAdapterAcl", "acl list"},
	{"Add-VMNetworkAdapterExtendedAcl", "acl add"},
	{"Remove-VMNetworkAdapterExtendedAcl", "acl del"},
	{"Get-VMNetworkAdapterExtendedAcl", "acl list"},
	{"Get-VMSystemSwitchExtension", "ext available"},
	{"Get-VMSwitchExtension", "ext list"},
	{"Enable-VMSwitchExtension", "ext enable"},
	{"Disable-VMSwitchExtension", "ext disable"},
	{"Select-NetVirtualizationNextHop", "nexthop"},
	{"Test-VMNetworkAdapter", "ping"},
};

static const struct {
	const char *prefix, *verb;
} cmdlet_verbs[] = {
	{"New-", "add"},    {"Add-", "add"},  {"Set-", "set"},
	{"Remove-", "del"}, {"Get-", "list"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* -- lines by position ------------------------------------------------------
 */

static void print_phrase(const char *line, const struct words *words,
			 FILE *stream)
{
	for (; *line; line++) {
		int at = line[1] - '0';

		if (*line != '$')
			fputc(*line, stream);
		else if (at < words->count)
			fputs(words->at[at], stream);
		else
			fputs(at == 1 ? "NAME" : "DEVICE", stream);
		line += *line == '$';
	}
	fputc('\n', stream);
}

static bool phrase_print(const struct words *words, FILE *stream)
{
	for (size_t i = 0; i < COUNT(phrases); i++) {
		if (strcmp(phrases[i].word, words->at[0]) == 0) {
			print_phrase(phrases[i].line, words, stream);
			return true;
		}
	}
	return false;
}

/* -- cmdlets -----------------------------------------------------------------
 */

/* 020000000007, 02-00-00-00-00-07 -> 02:00:00:00:00:07 */
static void print_mac(const char *value, FILE *stream)
{
	int digits = 0;

	for (; *value; value++) {
		if (!isxdigit((unsigned char)*value))
			continue;
		if (digits && digits % 2 == 0)
			fputc(':', stream);
		fputc(tolower((unsigned char)*value), stream);
		digits++;
	}
}

static void print_lower(const char *value, FILE *stream)
{
	for (; *value; value++)
		fputc(tolower((unsigned char)*value), stream);
}

static void print_rule(const char *value, FILE *stream)
{
	static const char *const prefix = "TranslationMethod";

	if (strncasecmp(value, prefix, strlen(prefix)) == 0)
		value += strlen(prefix);
	if (strcasecmp(value, "Nat") == 0)
		value = "rewrite";
	print_lower(value, stream);
}

static void print_truth(const char *value, bool truth, FILE *stream)
{
	bool on = strcasecmp(value, "on") == 0 ||
		  strcasecmp(value, "$true") == 0 ||
		  strcasecmp(value, "true") == 0;

	fputs(on == truth ? "on" : "off", stream);
}

static void print_direction(const char *value, FILE *stream)
{
	fputs(strcasecmp(value, "Outbound") == 0 ? "out" : "in", stream);
	if (strcasecmp(value, "Both") == 0)
		fputs(" (and direction=out)", stream);
}

static void print_value(const struct parameter *parameter, const char *value,
			FILE *stream)
{
	fprintf(stream, " %s=", parameter->field);
	if (parameter->form == FORM_TRUTH)
		print_truth(value, true, stream);
	else if (parameter->form == FORM_OPPOSITE)
		print_truth(value, false, stream);
	else if (parameter->form == FORM_DIRECTION)
		print_direction(value, stream);
	else if (parameter->form == FORM_MAC)
		print_mac(value, stream);
	else if (parameter->form == FORM_RULE)
		print_rule(value, stream);
	else if (parameter->form == FORM_LOWER)
		print_lower(value, stream);
	else
		fputs(value, stream);
}

static const struct parameter *parameter_find(const char *word)
{
	for (size_t i = 0; *word == '-' && i < COUNT(parameters); i++)
		if (strcasecmp(parameters[i].parameter, word + 1) == 0)
			return &parameters[i];
	return NULL;
}

static bool is_key(const struct cmdlet *cmdlet,
		   const struct parameter *parameter)
{
	if (cmdlet->key)
		return strcmp(cmdlet->key, parameter->parameter) == 0;
	return parameter->form == FORM_KEY;
}

/* Who has one adapter in each VM names the VM; NULL: nobody is named. */
static const char *vm_named(const struct words *words)
{
	for (int i = 1; i + 1 < words->count; i++)
		if (strcasecmp(words->at[i], "-VMName") == 0)
			return words->at[i + 1];
	return NULL;
}

/* The keys first, or else the fields. */
static void print_parameters(const struct cmdlet *cmdlet,
			     const struct words *words, bool keys, FILE *stream)
{
	bool has_key = false;

	for (int i = 1; i + 1 < words->count; i++) {
		const struct parameter *parameter =
			parameter_find(words->at[i]);
		const char *value = words->at[i + 1];

		if (!parameter)
			continue;
		i++;
		if (is_key(cmdlet, parameter) && keys) {
			fprintf(stream, " %s", value);
			has_key = true;
		} else if (!is_key(cmdlet, parameter) && !keys &&
			   *parameter->field) {
			print_value(parameter, value, stream);
		}
	}
	if (keys && !has_key && vm_named(words))
		fprintf(stream, " %s", vm_named(words));
}

static void print_line(const char *line, const struct cmdlet *cmdlet,
		       const struct words *words, FILE *stream)
{
	fprintf(stream, "vsctl %s", line);
	print_parameters(cmdlet, words, true, stream);
	print_parameters(cmdlet, words, false, stream);
	fputc('\n', stream);
}

static bool cmdlet_print(const struct words *words, FILE *stream)
{
	static const struct cmdlet plain = {0};
	const char *word = words->at[0], *verb = NULL;
	char line[64];

	for (size_t i = 0; i < COUNT(cmdlet_lines); i++)
		if (strcasecmp(cmdlet_lines[i].cmdlet, word) == 0) {
			print_line(cmdlet_lines[i].line, &plain, words, stream);
			return true;
		}

	for (size_t i = 0; !verb && i < COUNT(cmdlet_verbs); i++) {
		size_t size = strlen(cmdlet_verbs[i].prefix);

		if (strncasecmp(cmdlet_verbs[i].prefix, word, size) == 0) {
			verb = cmdlet_verbs[i].verb;
			word += size;
		}
	}
	for (size_t i = 0; verb && i < COUNT(cmdlets); i++) {
		if (strcasecmp(cmdlets[i].noun_phrase, word) != 0)
			continue;
		snprintf(line, sizeof(line), "%s %s", cmdlets[i].noun, verb);
		print_line(line, &cmdlets[i], words, stream);
		return true;
	}
	return false;
}

bool dialect_print(const struct words *words, FILE *stream)
{
	struct words line = *words;

	for (size_t i = 0; line.count > 1 && i < COUNT(programs); i++) {
		if (strcmp(programs[i], line.at[0]) == 0) {
			line = words_after(words, 1);
			break;
		}
	}
	if (!line.count)
		return false;
	return phrase_print(&line, stream) || cmdlet_print(&line, stream);
}
