/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An extension with nouns like WNV's, for tests of control/ that must not
 * depend on WNV.
 */
#ifndef TESTS_SUPPORT_CONTROL_NOUNS_H
#define TESTS_SUPPORT_CONTROL_NOUNS_H

#include <vswitch/extension.h>

#include "control/schema.h"

static const char *const ca_rules[] = {"encap", "rewrite", NULL};

static const struct vs_field network_fields[] = {
	{.name = "name", .kind = VS_KIND_NAME, .help = "the network"},
	{.name = "rdid", .kind = VS_KIND_UUID, .help = "its routing domain"},
};
static const struct vs_field subnet_fields[] = {
	{.name = "vsid",
	 .kind = VS_KIND_VSID,
	 .minimum = 4096,
	 .help = "the subnet"},
	{.name = "prefixes",
	 .kind = VS_KIND_PREFIX,
	 .flags = VS_FIELD_LIST | VS_FIELD_REQUIRED,
	 .help = "its addresses"},
	{.name = "mtu",
	 .kind = VS_KIND_NUMBER,
	 .minimum = 576,
	 .maximum = 65000,
	 .unset = "1458",
	 .help = "largest packet"},
};
static const struct vs_field ca_fields[] = {
	{.name = "ca", .kind = VS_KIND_IP, .help = "the customer address"},
	{.name = "mac",
	 .kind = VS_KIND_MAC,
	 .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
	 .help = "its station"},
	{.name = "pa",
	 .kind = VS_KIND_IP,
	 .flags = VS_FIELD_REQUIRED,
	 .help = "its host"},
	{.name = "rule",
	 .kind = VS_KIND_CHOICE,
	 .choices = ca_rules,
	 .unset = "encap",
	 .help = "how it travels"},
	{.name = "note",
	 .kind = VS_KIND_TEXT,
	 .maximum = 100,
	 .help = "for people"},
	{.name = "unusable",
	 .kind = VS_KIND_TEXT,
	 .flags = VS_FIELD_STATUS,
	 .help = "why not"},
};
static const struct vs_field pa_fields[] = {
	{.name = "pa", .kind = VS_KIND_IP, .help = "the provider address"},
	{.name = "prefix",
	 .kind = VS_KIND_NUMBER,
	 .flags = VS_FIELD_REQUIRED,
	 .maximum = 128,
	 .help = "its length"},
};

#define FIELDS(table)                                                          \
	.fields = table, .field_count = sizeof(table) / sizeof((table)[0])

static const struct vs_edit ca_edits[] = {
	{.verb = "rehost",
	 .sets = (const char *const[]){"pa", NULL},
	 .clears = (const char *const[]){"note", NULL},
	 .help = "to another host"},
	{.verb = NULL},
};

static const struct vs_noun fake_nouns[] = {
	{.name = "network",
	 .member = "networks",
	 FIELDS(network_fields),
	 .help = "a tenant"},
	{.name = "subnet",
	 .member = "subnets",
	 .parent = "network",
	 FIELDS(subnet_fields),
	 .help = "a subnet"},
	{.name = "ca",
	 .member = "ca",
	 .parent = "subnet",
	 .parent_field = "vsid",
	 .flags = VS_NOUN_MANY,
	 FIELDS(ca_fields),
	 .edits = ca_edits,
	 .help = "a record"},
	{.name = "pa",
	 .member = "pa",
	 .parent = "uplink",
	 FIELDS(pa_fields),
	 .help = "an address of the host"},
};

static const struct vs_field move_arguments[] = {
	{.name = "ca",
	 .kind = VS_KIND_IP,
	 .flags = VS_FIELD_REQUIRED,
	 .help = "which"},
	{.name = "pa",
	 .kind = VS_KIND_IP,
	 .flags = VS_FIELD_REQUIRED,
	 .help = "where to"},
};

static int fake_move(struct vs_instance *instance,
		     const struct vs_value *values, struct vs_reply *reply,
		     struct vs_error *error)
{
	char text[VS_IP_TEXT];

	(void)instance;
	(void)error;
	reply->ops->text(reply, "to", vs_ip_format(&values[1].ip, text));
	return 0;
}

static const struct vs_method fake_methods[] = {
	{.noun = "ca",
	 .verb = "move",
	 .arguments = move_arguments,
	 .argument_count = 2,
	 .run = fake_move,
	 .help = "to another host"},
};

static const struct vs_translate_class fake_translate;
static const struct vs_extension fake_extension = {
	VS_EXTENSION_HEAD,   .name = "wnv",   .translate = &fake_translate,
	.nouns = fake_nouns, .noun_count = 4, .methods = fake_methods,
	.method_count = 1,
};
static const struct vs_filter_class fake_filter;
static const struct vs_extension fake_top = {VS_EXTENSION_HEAD, .name = "hello",
					     .filter = &fake_filter};
static const struct vs_extension *const fake_extensions[] = {&fake_extension,
							     &fake_top};
static const struct schema_absent fake_absent[] = {{"beacon", "span"},
						   {"ca", "here"}};

#endif
