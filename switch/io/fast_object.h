/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast_object.h: bpf/fast.bpf.c, compiled for the kernel: an ELF object. The
 * build makes fast_object.c.
 */
#ifndef IO_FAST_OBJECT_H
#define IO_FAST_OBJECT_H

#include <stddef.h>

extern const unsigned char fast_object[];
extern const size_t fast_object_size;

#endif
