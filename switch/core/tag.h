/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag.h: 802.1Q tags between a device and the switch: found and taken out of
 * a frame's bytes on the way in, written into a recipe's lead on the way out.
 * What a tag means is rdmap.h's and lane.h's.
 */
#ifndef CORE_TAG_H
#define CORE_TAG_H

#include <vswitch/host.h>

#include "packet/packet.h"

#define TAG_SIZE      4u
#define TAG_VID	      0x0fffu
#define TAG_PRIORITY  0xe000u
#define TAG_PRIORITY0 13u /* its lowest bit */

enum tag_found {
	TAG_NONE,
	TAG_VLAN,
	TAG_OTHER, /* a service tag, or one that is cut short */
};

/* tag_find - the outermost tag of a frame that may not be parsed yet; `tci` is
 * 0 without TAG_VLAN. */
enum tag_found tag_find(const struct vs_view *view, uint16_t *tci);
/* tag_take_off - the tag that tag_find found. */
void tag_take_off(struct vs_packet *packet);
/* tag_put_on - the recipe is a whole frame without a lead; now it has a tag. */
void tag_put_on(struct vs_recipe *recipe, uint16_t tci);

#endif
