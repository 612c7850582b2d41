/* SPDX-License-Identifier: Apache-2.0 */
#include "census.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct vs_object *census_next(const struct vs_site *site,
				    const struct vs_noun *noun,
				    const struct vs_object *parent,
				    const struct vs_object *after)
{
	return noun ? site->settings->ops->next(site->settings, noun, parent,
						after)
		    : NULL;
}

const struct vs_value *census_value(const struct vs_site *site,
				    const struct vs_object *object,
				    uint16_t field)
{
	return site->settings->ops->value(object, field);
}

const char *census_host(const struct vs_site *site)
{
	return site->host ? site->host : site->sw;
}

/* -- findings ---------------------------------------------------------------
 */

static void report(struct census *census, const struct census_place *place,
		   enum vs_severity severity, const char *text)
{
	struct vs_error finding = {.code = EINVAL};

	if (place->object)
		place->site->settings->ops->place(place->object, place->field,
						  &finding);
	snprintf(finding.text, sizeof(finding.text), "%s", text);
	census->fabric->ops->report(census->fabric, place->site, severity,
				    &finding);
}

void census_error(struct census *census, const struct census_place *place,
		  const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	report(census, place, VS_SEVERITY_ERROR, text);
}

void census_warn(struct census *census, const struct census_place *place,
		 const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	report(census, place, VS_SEVERITY_WARNING, text);
}

/* -- gathering --------------------------------------------------------------
 */

/* Room for one more, or NULL with the census failed. */
static void *grow(struct census *census, void *array, uint32_t count,
		  size_t size)
{
	void *grown = array;

	if (count == 0 || (count >= 8 && (count & (count - 1)) == 0))
		grown = realloc(array, (count ? (size_t)count * 2 : 8) * size);
	if (!grown && !census->failed) {
		census->failed = true;
		census_error(census, PLACE(NULL, NULL, NULL),
			     "out of memory while the policy is checked");
	}
	return grown;
}

/* A length that the family does not have is configure's to refuse. */
static uint8_t length_of(const struct vs_ip *ip, const struct vs_value *prefix)
{
	if (!prefix->present || prefix->number > (vs_ip_is_v4(ip) ? 32 : 128))
		return 0;
	return (uint8_t)prefix->number;
}

static void add_pas(struct census *census, const struct vs_site *site)
{
	const struct vs_object *object = NULL;
	const struct vs_value *address, *prefix, *vlan;
	struct census_pa *pas;

	while ((object = census_next(site, &wnv_nouns[WNV_NOUN_PA], NULL,
				     object))) {
		pas = grow(census, census->pas, census->pa_count, sizeof(*pas));
		if (!pas)
			return;
		census->pas = pas;
		address = census_value(site, object, WNV_PA_ADDRESS);
		prefix = census_value(site, object, WNV_PA_PREFIX);
		vlan = census_value(site, object, WNV_PA_VLAN);
		pas[census->pa_count++] = (struct census_pa){
			.ip = address->ip,
			.site = site,
			.object = object,
			.vlan = (uint16_t)(vlan->present ? vlan->number : 0),
			.prefix = length_of(&address->ip, prefix),
		};
	}
}

static void add_plug(struct census *census, const struct census_plug *plug)
{
	struct census_plug *plugs =
		grow(census, census->plugs, census->plug_count, sizeof(*plugs));

	if (!plugs)
		return;
	census->plugs = plugs;
	plugs[census->plug_count++] = *plug;
}

static void add_mac(struct census *census, const struct vs_mac *mac)
{
	struct vs_mac *macs =
		grow(census, census->macs, census->mac_count, sizeof(*macs));

	if (!macs)
		return;
	census->macs = macs;
	macs[census->mac_count++] = *mac;
}

static void add_vsid(struct census *census, struct vs_vsid vsid)
{
	struct vs_vsid *vsids =
		grow(census, census->vsids, census->vsid_count, sizeof(*vsids));

	if (!vsids)
		return;
	census->vsids = vsids;
	vsids[census->vsid_count++] = vsid;
}

static void add_port(struct census *census, const struct vs_site *site,
		     const struct vs_object *port)
{
	const struct vs_value *mac = census_value(site, port, VS_PORT_MAC);
	const struct vs_value *vsid = census_value(site, port, VS_PORT_VSID);
	const struct vs_value *tags = census_value(site, port, VS_PORT_RDMAP);
	const struct vs_value *list = census_value(site, port, VS_PORT_CA);
	struct census_plug plug = {.site = site, .port = port};
	uint16_t i;

	if (mac->present)
		add_mac(census, &mac->mac);
	for (i = 0; tags->present && i < tags->count; i++)
		add_vsid(census, tags->list[i].tag.vsid);
	if (!vsid->present)
		return;
	add_vsid(census, vsid->vsid);
	plug.vsid = vsid->vsid;
	for (i = 0; list->present && i < list->count; i++) {
		plug.ip = list->list[i].ip;
		add_plug(census, &plug);
	}
}

static void add_ports(struct census *census, const struct vs_site *site)
{
	const struct vs_noun *noun =
		site->settings->ops->noun(site->settings, "port");
	const struct vs_object *port = NULL;

	while (noun && !census->failed &&
	       (port = census_next(site, noun, NULL, port)))
		add_port(census, site, port);
}

static void add_peers(struct census *census, const struct vs_site *site)
{
	const struct vs_object *object = NULL;
	struct census_peer *peers;

	while ((object = census_next(site, &wnv_nouns[WNV_NOUN_PEER], NULL,
				     object))) {
		peers = grow(census, census->peers, census->peer_count,
			     sizeof(*peers));
		if (!peers)
			return;
		census->peers = peers;
		peers[census->peer_count++] = (struct census_peer){
			.ip = census_value(site, object, WNV_PEER_ADDRESS)->ip,
			.object = object,
			.site = site};
	}
}

static int compare_pas(const void *a, const void *b)
{
	const struct census_pa *x = a, *y = b;
	int order = memcmp(&x->ip, &y->ip, sizeof(x->ip));

	if (order)
		return order;
	return x->site < y->site ? -1 : x->site > y->site;
}

static int compare_peers(const void *a, const void *b)
{
	const struct census_peer *x = a, *y = b;

	return memcmp(&x->ip, &y->ip, sizeof(x->ip));
}

static int compare_keys(const struct census_plug *x,
			const struct census_plug *y)
{
	if (x->vsid.value != y->vsid.value)
		return x->vsid.value < y->vsid.value ? -1 : 1;
	return memcmp(&x->ip, &y->ip, sizeof(x->ip));
}

static int compare_plugs(const void *a, const void *b)
{
	const struct census_plug *x = a, *y = b;
	int order = compare_keys(x, y);

	if (order)
		return order;
	return x->site < y->site ? -1 : x->site > y->site;
}

static int compare_macs(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct vs_mac));
}

static int compare_vsids(const void *a, const void *b)
{
	const struct vs_vsid *x = a, *y = b;

	return x->value < y->value ? -1 : x->value > y->value;
}

/* What is empty was never allocated, and qsort() takes no NULL. */
static void sort(void *array, uint32_t count, size_t size,
		 int (*compare)(const void *, const void *))
{
	if (count)
		qsort(array, count, size, compare);
}

void census_take(struct census *census, struct vs_fabric *fabric)
{
	uint32_t i;

	*census = (struct census){.fabric = fabric};
	for (i = 0; !census->failed && i < fabric->count; i++) {
		add_pas(census, &fabric->sites[i]);
		add_ports(census, &fabric->sites[i]);
	}
	if (!census->failed && fabric->count)
		add_peers(census, &fabric->sites[0]);
	sort(census->pas, census->pa_count, sizeof(*census->pas), compare_pas);
	sort(census->peers, census->peer_count, sizeof(*census->peers),
	     compare_peers);
	sort(census->plugs, census->plug_count, sizeof(*census->plugs),
	     compare_plugs);
	sort(census->macs, census->mac_count, sizeof(*census->macs),
	     compare_macs);
	sort(census->vsids, census->vsid_count, sizeof(*census->vsids),
	     compare_vsids);
}

void census_drop(struct census *census)
{
	free(census->pas);
	free(census->plugs);
	free(census->peers);
	free(census->macs);
	free(census->vsids);
}

/* -- questions --------------------------------------------------------------
 */

struct census_pa *census_pa(const struct census *census, const struct vs_ip *ip)
{
	uint32_t low = 0, high = census->pa_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (memcmp(&census->pas[middle].ip, ip, sizeof(*ip)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < census->pa_count && vs_ip_equal(&census->pas[low].ip, ip)
		       ? &census->pas[low]
		       : NULL;
}

struct census_peer *census_peer(const struct census *census,
				const struct vs_ip *ip)
{
	const struct census_peer key = {.ip = *ip};

	return census->peer_count
		       ? bsearch(&key, census->peers, census->peer_count,
				 sizeof(key), compare_peers)
		       : NULL;
}

const struct census_plug *census_plug(const struct census *census,
				      struct vs_vsid vsid,
				      const struct vs_ip *ip)
{
	const struct census_plug key = {.vsid = vsid, .ip = *ip};
	uint32_t low = 0, high = census->plug_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare_keys(&census->plugs[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < census->plug_count &&
			       compare_keys(&census->plugs[low], &key) == 0
		       ? &census->plugs[low]
		       : NULL;
}

bool census_has_mac(const struct census *census, const struct vs_mac *mac)
{
	return census->mac_count &&
	       bsearch(mac, census->macs, census->mac_count, sizeof(*mac),
		       compare_macs);
}

bool census_has_vsid(const struct census *census, struct vs_vsid vsid)
{
	return census->vsid_count &&
	       bsearch(&vsid, census->vsids, census->vsid_count, sizeof(vsid),
		       compare_vsids);
}
