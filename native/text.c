/*
 * Text that may hold bytes which are not UTF-8: each becomes the lone surrogate U+DC00 + byte
 * (always U+DC80 to U+DCFF) and back, so paths, arguments and environments survive unchanged.
 */
#include <string.h>

#include "glue.h"

/* Length of the well-formed UTF-8 sequence at `p`, 0 if there is none (Unicode, table 3-7). */
static size_t sequence(const unsigned char *p, size_t left) {
  if (p[0] < 0x80) return 1;
  size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  if (p[0] < 0xc2 || p[0] > 0xf4 || left < length) return 0;
  unsigned char low = 0x80, high = 0xbf;
  if (p[0] == 0xe0) low = 0xa0;
  if (p[0] == 0xed) high = 0x9f;
  if (p[0] == 0xf0) low = 0x90;
  if (p[0] == 0xf4) high = 0x8f;
  if (p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < length; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  return length;
}

static size_t valid_prefix(const unsigned char *p, size_t length) {
  size_t at = 0;
  while (at < length) {
    uint64_t word;
    while (at + 8 <= length && (memcpy(&word, p + at, 8), (word & 0x8080808080808080u) == 0)) at += 8;
    if (at >= length) break;
    size_t step = sequence(p + at, length - at);
    if (step == 0) break;
    at += step;
  }
  return at;
}

JSValue rn_text(JSContext *ctx, const char *bytes, size_t length) {
  const unsigned char *p = (const unsigned char *)bytes;
  size_t valid = valid_prefix(p, length);
  if (valid == length) return JS_NewStringLen(ctx, bytes, length);
  unsigned char *out = js_malloc(ctx, length * 3);
  if (out == NULL) return JS_EXCEPTION;
  size_t to = 0;
  for (size_t at = 0; at < length;) {
    size_t run = valid_prefix(p + at, length - at);
    memcpy(out + to, p + at, run);
    at += run;
    to += run;
    if (at == length) break;
    unsigned surrogate = 0xdc00u + p[at++];
    out[to++] = 0xed;
    out[to++] = (unsigned char)(0x80 | ((surrogate >> 6) & 0x3f));
    out[to++] = (unsigned char)(0x80 | (surrogate & 0x3f));
  }
  JSValue text = JS_NewStringLen(ctx, (const char *)out, to);
  js_free(ctx, out);
  return text;
}

int rn_get_text(JSContext *ctx, JSValueConst value, char **bytes, size_t *length) {
  size_t size;
  const char *text = JS_ToCStringLen(ctx, &size, value);
  if (text == NULL) return 0;
  char *out = js_malloc(ctx, size + 1);
  if (out == NULL) return 0;
  memcpy(out, text, size + 1);
  JS_FreeCString(ctx, text);
  unsigned char *p = memchr(out, 0xed, size);
  if (p != NULL) {
    unsigned char *end = (unsigned char *)out + size, *to = p;
    while (p < end) {
      if (p + 2 < end && p[0] == 0xed && (p[1] == 0xb2 || p[1] == 0xb3)) {
        *to++ = (unsigned char)((p[1] << 6 | (p[2] & 0x3f)) & 0xff);
        p += 3;
      } else {
        *to++ = *p++;
      }
    }
    *to = 0;
    size = (size_t)(to - (unsigned char *)out);
  }
  *bytes = out;
  if (length != NULL) *length = size;
  return 1;
}

int rn_get_bytes(JSContext *ctx, JSValueConst value, uint8_t **bytes, size_t *length) {
  *bytes = NULL;
  if (length != NULL) *length = 0;
  if (JS_IsNull(value)) return 1;
  size_t offset, size, whole;
  JSValue buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, &size, NULL);
  if (JS_IsException(buffer)) return 0;
  uint8_t *start = JS_GetArrayBuffer(ctx, &whole, buffer);
  JS_FreeValue(ctx, buffer);
  if (start == NULL && whole > 0) return 0;
  *bytes = start + offset;
  if (length != NULL) *length = size;
  return 1;
}
