// SPDX-License-Identifier: Apache-2.0
/*
 * The extension that the loader's tests load. Built once as it should be, and
 * once per fault with one of these macros set to something wrong.
 */
#include <vswitch/extension.h>

#ifndef ABI
#define ABI VS_ABI
#endif
#ifndef SIZE
#define SIZE sizeof(struct vs_extension)
#endif
#ifndef BUILD
#define BUILD VS_BUILD_ID
#endif
#ifndef SYMBOL
#define SYMBOL vs_extension
#endif
#ifndef CAPTURE
#define CAPTURE NULL
#endif
#ifndef FILTER
#define FILTER &filter
#endif
#ifndef ALLOW_NIC
#define ALLOW_NIC NULL
#endif
#ifndef REASON
#define REASON "specimen_dropped"
#endif
#ifndef NUMBER
#define NUMBER 2
#endif
#ifndef DETACH
#define DETACH detach
#endif

extern const struct vs_extension SYMBOL;
#ifdef NEEDS
void NEEDS(struct vs_instance *instance);
#endif

static const struct vs_filter_class filter
	__attribute__((unused)) = {NULL, NULL};
static const struct vs_capture_class capture
	__attribute__((unused)) = {.ingress = NULL};

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	static struct vs_instance instance;

	(void)error;
	instance.host = host;
	return &instance;
}

static __attribute__((unused)) void detach(struct vs_instance *instance)
{
	(void)instance;
#ifdef NEEDS
	NEEDS(instance);
#endif
}

static __attribute__((unused)) int allow_nic(struct vs_instance *instance,
					     const struct vs_port_info *nic,
					     struct vs_nic_terms *terms,
					     struct vs_error *error)
{
	(void)instance;
	(void)nic;
	(void)terms;
	(void)error;
	return 0;
}

static const struct vs_reason_entry reasons[] = {
	{1, "specimen_first", "The first reason."},
	{NUMBER, REASON, "The second reason."},
};

const struct vs_extension SYMBOL = {
	.abi = ABI,
	.size = SIZE,
	.build = BUILD,
	.name = NAME,
	.version = "1",
	.guid = "3d1f7a52-90c4-4f6e-8a1b-6a5d0e4c7b21",
	.help = "what the loader's tests load",
	.filter = FILTER,
	.allow_nic = ALLOW_NIC,
	.capture = CAPTURE,
	.attach = attach,
	.detach = DETACH,
	.reasons = reasons,
	.reason_count = 2,
};
