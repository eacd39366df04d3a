/* Between QuickJS values and C: used by main.c and by the generated glue. */
#ifndef RUNTS_GLUE_H
#define RUNTS_GLUE_H

#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"

/* Adds one function per row of the native table, and `decode` and `encode`. */
void rn_add_natives(JSContext *ctx, JSValue host);

/* Bytes to text; a byte that is not UTF-8 becomes the lone surrogate U+DC00 + byte. */
JSValue rn_text(JSContext *ctx, const char *bytes, size_t length);

/* Text to bytes in new memory (js_free), NUL-terminated; false when an exception is pending. */
int rn_get_text(JSContext *ctx, JSValueConst value, char **bytes, size_t *length);

/* The bytes of a Uint8Array, or NULL for null; false when an exception is pending. */
int rn_get_bytes(JSContext *ctx, JSValueConst value, uint8_t **bytes, size_t *length);

#endif
