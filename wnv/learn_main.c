/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn_main.c: the end of what was learned, on the main thread: 300 s without
 * a sign of life, or a policy that says otherwise. In the last 30 s the VM is
 * asked (hnv.md A7.8): worker 0 sends the probes.
 *
 * Before it: the host's tick. After it: learned.c; learn.c for the probes.
 */
#include <stdio.h>
#include <string.h>

#include "learn.h"
#include "shared.h"

#define SECOND_NS (UINT64_C(1000) * 1000 * 1000)
#define ROUND_NS  (10 * SECOND_NS)
#define ASK_NS	  (30 * SECOND_NS) /* before the end, once a round */

static void end(struct learned *learned, const struct learned_entry *entry,
		const struct vs_main_host *host, const char *why)
{
	char ca[VS_IP_TEXT], mac[VS_MAC_TEXT], text[160];

	if (!learned_forget(learned, &entry->key))
		return; /* in use; the next round */
	snprintf(text, sizeof(text), "%s in %u is no longer at %s: %s",
		 vs_ip_format(&entry->key.ca.ip, ca), entry->key.vsid.value,
		 vs_mac_format(&entry->mac, mac), why);
	host->event(host, WNV_EVENT_CA_DELETED, text);
}

static void judge(struct learned *learned, const struct wnv_state *state,
		  const struct learned_entry *entry,
		  const struct vs_main_host *host, uint64_t now_ns)
{
	struct vs_note note = {.kind = LEARN_NOTE_PROBE,
			       .size = sizeof(entry->key)};

	const struct vs_mac own_mac = shared_own_mac(&entry->mac);

	/* who has a shared address keeps it, however silent */
	if (wnv_shared_find(state, entry->key.vsid, &entry->key.ca, &own_mac))
		learned_seen(learned, &entry->key, now_ns);
	else if (wnv_record_find(state, entry->key.vsid, &entry->key.ca))
		end(learned, entry, host, "it has a record now");
	else if (!wnv_l2only_find(state, entry->key.vsid, &entry->mac))
		end(learned, entry, host, "the l2only record is gone");
	else if (entry->age_ns >= LEARNED_IDLE_NS)
		end(learned, entry, host, "it was silent");
	else if (entry->age_ns >= LEARNED_IDLE_NS - ASK_NS) {
		memcpy(note.bytes, &entry->key, sizeof(entry->key));
		host->kick(host, 0, &note);
	}
}

uint64_t learn_age(struct learned *learned, const struct wnv_state *state,
		   const struct vs_main_host *host, uint64_t now_ns)
{
	struct learned_entry entry;
	uint64_t cursor = 0;

	while (state && learned_count(learned) &&
	       learned_next(learned, &cursor, now_ns, &entry))
		judge(learned, state, &entry, host, now_ns);
	return now_ns + ROUND_NS;
}
