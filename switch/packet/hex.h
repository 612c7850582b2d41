/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hex.h: hexadecimal digits, both ways. What is written is lower case; who
 * reads says whether capitals are digits too.
 */
#ifndef PACKET_HEX_H
#define PACKET_HEX_H

/* hex_digit - 0..15 of 0-9 and a-f; -1: it is none. */
static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* hex_digit_typed - as people type it: A-F too. */
static inline int hex_digit_typed(char c)
{
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : hex_digit(c);
}

/* hex_byte - of two characters that hex_digit_typed takes; -1: they are none.
 * Reads no further than a NUL. */
static inline int hex_byte(const char *text)
{
	int high = hex_digit_typed(text[0]);
	int low = high < 0 ? -1 : hex_digit_typed(text[1]);

	return low < 0 ? -1 : high << 4 | low;
}

/* hex_write - a byte as two characters; no NUL behind them. */
static inline void hex_write(unsigned char byte, char text[2])
{
	static const char digits[] = "0123456789abcdef";

	text[0] = digits[byte >> 4];
	text[1] = digits[byte & 15];
}

#endif
