/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_schema.h: what an extension's objects look like in a document, as JSON
 * Schema (2020-12), from the tables that the daemon answers to schema.list.
 */
#ifndef CLI_JSON_SCHEMA_H
#define CLI_JSON_SCHEMA_H

#include <jansson.h>

/*
 * A new document: a definition per noun that `extension` provides, `core` for
 * the host's own; x-parent names the noun under which its member stands, and
 * what stands at the top is among the properties. NULL: it provides none.
 */
json_t *json_schema(const json_t *schema, const char *extension);

#endif
