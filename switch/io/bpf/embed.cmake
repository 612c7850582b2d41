# SPDX-License-Identifier: Apache-2.0
# embed.cmake: FROM, a file, as an array of C in TO.
file(READ ${FROM} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${TO} "/* made of fast.bpf.c by the build */
#include \"io/fast_object.h\"

__attribute__((aligned(8))) const unsigned char fast_object[] = {${bytes}};
const size_t fast_object_size = sizeof(fast_object);
")
