/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fabric_lab.h: the document of the trust tests: two tenants with equal
 * addresses and equal MACs on two hosts, a third host that is only named, and
 * a pass-through port on each host.
 *
 *   10.0.0.5, .6 and fd00::5 on a; .7, .8 and fd00::7 on b; .9 on 192.0.2.3;
 *   blue is VSID 5001, red 6001; the MAC of .N is 02:00:00:00:00:0N
 */
#ifndef TESTS_SUPPORT_FABRIC_LAB_H
#define TESTS_SUPPORT_FABRIC_LAB_H

#define LAB_BLUE 5001u
#define LAB_RED	 6001u

#define LAB_CA(ca, mac, pa)                                                    \
	"\"" ca "\": {\"mac\": \"02:00:00:00:00:0" mac                         \
	"\", \"pa\": \"192.0.2." pa "\"}"
#define LAB_SUBNET                                                                                                              \
	"\"prefixes\": [\"10.0.0.0/24\", \"fd00::/64\"], \"ca\": {" LAB_CA(                                                     \
		"10.0.0.5", "5",                                                                                                \
		"1") ", " LAB_CA("10.0.0.6", "6",                                                                               \
				 "1") ", " LAB_CA("10.0.0.7", "7",                                                              \
						  "2") ", " LAB_CA("10.0.0.8",                                                  \
								   "8",                                                         \
								   "2") ","                                                     \
									" " LAB_CA("10.0.0.9",                                  \
										   "9",                                         \
										   "3") ", " LAB_CA("fd00::5",                  \
												    "5",                        \
												    "1") ", " LAB_CA("fd00::7", \
														     "7",       \
														     "2") "}"
#define LAB_PORT(name, vsid, ca, more)                                         \
	"\"" name "\": {\"null\": true, \"vsid\": " vsid ", \"ca\": [" ca      \
	"]" more "}"
#define LAB_PLAIN                                                              \
	"\"plain\": {\"null\": true, \"vsid\": 0, \"mac-guard\": false}"
#define LAB_HOST(pa, ports)                                                    \
	"{\"switches\": {\"lab\": {\"uplinks\": {\"wire\": {\"pa\": {"         \
	"\"192.0.2." pa "\": {\"prefix\": 24}}}}, \"stack\": [\"wnv\"], "      \
	"\"ports\": {" ports ", " LAB_PLAIN "}}}}"

/* With `blue` and `red` the VSIDs of the ports, as text; `more` what every
 * tenant port of host a says besides. */
#define LAB_DOCUMENT(blue, red, more)                                                                                                                \
	"{\"format\": 1, \"networks\": {\"blue\": {\"subnets\": {\"5001\": "                                                                         \
	"{" LAB_SUBNET "}}}, \"red\": {\"subnets\": {\"6001\": {" LAB_SUBNET                                                                         \
	"}}}}, \"hosts\": {\"a\": " LAB_HOST(                                                                                                        \
		"1", LAB_PORT("blue5", blue, "\"10.0.0.5\", \"fd00::5\"", more) ", " LAB_PORT("blue6", blue, "\"10.0.0.6\"", more) ", " LAB_PORT(    \
			     "red5", red, "\"10.0.0.5\", \"fd00::5\"",                                                                               \
			     more) ", " LAB_PORT("red6", red, "\"10.0.0.6\"",                                                                        \
						 more)) ", \"b\": " LAB_HOST("2",                                                                    \
									     LAB_PORT("blue7", blue, "\"10.0.0.7\", \"fd00::7\"", "") ", " LAB_PORT( \
										     "blue8",                                                        \
										     blue,                                                           \
										     "\"10.0.0.8\"",                                                 \
										     "") ", " LAB_PORT("red7",                                       \
												       red,                                          \
												       "\"10.0.0.7\", \"fd00::7\"",                  \
												       "") ", " LAB_PORT("red8",                     \
															 red,                        \
															 "\"10.0.0.8\"",             \
															 "")) "}}"

#endif
