/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two whole hosts under any list of operations (tests/support/storm.h says
 * what must hold): bit 0 of the first byte chooses one worker or two.
 */
#include "tests/support/storm.h"

#define LIMIT 4096u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct storm *storms[2];
	unsigned int which;

	if (size < 2 || size > LIMIT)
		return 0;
	which = bytes[0] & 1;
	if (!storms[which])
		storms[which] = storm_open((uint16_t)(1 + which));
	storm_run(storms[which], bytes + 1, size - 1);
	storm_settle(storms[which]);
	return 0;
}
