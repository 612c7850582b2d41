/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm.h: two hosts of two tenants under any list of operations: frames from
 * every port and from the wire, right ones and mutated ones, time, and new
 * documents. Bytes in, so that a fuzzer and a seeded property share it.
 *
 * What must hold after every frame is checked as it leaves, and aborts:
 *   - a port gets only frames of its VSID, by the packet's own word and by a
 *     mark of 16 bytes that every VM's frame carries;
 *   - what is encapsulated carries the packet's VSID, and its outer header is
 *     consistent; what is not is no NVGRE;
 * and at the end: the ledger's law, all buffers back, nothing held.
 */
#ifndef TESTS_SUPPORT_STORM_H
#define TESTS_SUPPORT_STORM_H

#include "tests/support/fabric.h"

struct storm;

struct storm *storm_open(uint16_t workers);
/* storm_run - the operations that `bytes` say; returns how many frames. */
uint32_t storm_run(struct storm *storm, const uint8_t *bytes, size_t size);
/* storm_settle - let holds end, go back to the first document, check. */
void storm_settle(struct storm *storm);
void storm_close(struct storm *storm);
/* storm_delivered - frames that left on ports so far. */
uint64_t storm_delivered(const struct storm *storm);

#endif
