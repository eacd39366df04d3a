/** Makes the C half of the native seam from the table in src/linux/natives.ts. */
import * as constants from '../src/linux/constants.js';
import type { ArgumentType, NativeRow } from '../src/linux/natives.js';
import { natives } from '../src/linux/natives.js';

const rows = Object.entries(natives) as readonly (readonly [string, NativeRow])[];

const cTypes: Record<ArgumentType, string> = {
  fd: 'int',
  int: 'int',
  u64: 'uint64_t',
  cstr: 'const char *',
  'cstr?': 'const char *',
  in: 'const void *',
  out: 'void *',
};

const signature = ([name, row]: readonly [string, NativeRow]) => {
  const args = row.args.map(([arg, type]) => `${cTypes[type]} ${arg}_`.replace('* ', '*'));
  return `int64_t rn_${name}(${args.length === 0 ? 'void' : args.join(', ')})`;
};

const banner = '/* Made by native/generate.ts. */\n';
const callOf = ([name, row]: readonly [string, NativeRow]) => `SYS_${row.call ?? name}`;

export const prototypes = (): string =>
  `${banner}#include <stdint.h>\n${rows.map((row) => `${signature(row)};\n`).join('')}`;

export const systemCalls = (): string => {
  const bodies = rows
    .filter(([, row]) => row.kind === 'sys')
    .map((row) => {
      const args = row[1].args.map(([arg]) => `${arg}_`);
      const call = `rn_result(syscall(${[callOf(row), ...args].join(', ')}))`;
      const fault = `RN_FAULT("${row[0]}");`;
      // close(2): the descriptor is gone, whatever the answer is.
      const body =
        row[0] === 'close'
          ? `int64_t result = ${call};\n  ${fault}\n  return result;`
          : `${fault}\n  return ${call};`;
      return `${signature(row)} {\n  ${body}\n}\n`;
    });
  const numbers = rows.map((row) => (row[1].kind === 'sys' ? callOf(row) : '-1'));
  return `${banner}#define _GNU_SOURCE\n#include "natives.h"\n\n${bodies.join('\n')}
const int32_t rn_numbers[] = {${numbers.join(', ')}};
const uint32_t rn_count = ${rows.length};
`;
};

const take: Record<ArgumentType, (i: number) => string> = {
  fd: (i) => `int32_t a${i}; if (JS_ToInt32(ctx, &a${i}, argv[${i}])) goto out;`,
  int: (i) => `int32_t a${i}; if (JS_ToInt32(ctx, &a${i}, argv[${i}])) goto out;`,
  u64: (i) => `int64_t a${i}; if (JS_ToInt64Ext(ctx, &a${i}, argv[${i}])) goto out;`,
  cstr: (i) =>
    `size_t n${i}; if (!rn_get_text(ctx, argv[${i}], &s${i}, &n${i})) goto out; if (strlen(s${i}) != n${i}) { result = JS_NewInt32(ctx, -EINVAL); goto out; }`,
  'cstr?': (i) =>
    `size_t n${i}; if (!JS_IsNull(argv[${i}])) { if (!rn_get_text(ctx, argv[${i}], &s${i}, &n${i})) goto out; if (strlen(s${i}) != n${i}) { result = JS_NewInt32(ctx, -EINVAL); goto out; } }`,
  in: (i) => `uint8_t *a${i}; if (!rn_get_bytes(ctx, argv[${i}], &a${i}, NULL)) goto out;`,
  out: (i) => `uint8_t *a${i}; if (!rn_get_bytes(ctx, argv[${i}], &a${i}, NULL)) goto out;`,
};

const isText = (type: ArgumentType) => type === 'cstr' || type === 'cstr?';

/** Declarations come first because `goto out` must not jump over the texts that it frees. */
const glueFunction = ([name, row]: readonly [string, NativeRow]): string => {
  const texts = row.args.flatMap(([, type], i) => (isText(type) ? [i] : []));
  const declared = texts.map((i) => `  char *s${i} = NULL;\n`).join('');
  const taken = row.args.map(([, type], i) => `  ${take[type](i)}\n`).join('');
  const passed = row.args.map(([, type], i) => (isText(type) ? `s${i}` : `a${i}`)).join(', ');
  const freed = texts.map((i) => `  js_free(ctx, s${i});\n`).join('');
  const label = row.args.length === 0 ? '' : `out:\n`;
  return `static JSValue js_${name}(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  (void)self; (void)argc; (void)argv;
  JSValue result = JS_EXCEPTION;
${declared}${taken}  result = JS_NewInt64(ctx, rn_${name}(${passed}));
${label}${freed}  return result;
}
`;
};

export const glue = (): string => `${banner}#include <errno.h>
#include <string.h>
#include "glue.h"
#include "natives.h"

${rows.map(glueFunction).join('\n')}
/* Leaves what is there when the argument is absent. */
static int take_index(JSContext *ctx, JSValueConst value, int64_t *index, int64_t least, int64_t most) {
  if (JS_IsUndefined(value)) return 1;
  if (JS_ToInt64(ctx, index, value)) return 0;
  if (*index >= least && *index <= most) return 1;
  JS_ThrowRangeError(ctx, "outside of the bytes");
  return 0;
}

static JSValue js_decode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  (void)self; (void)argc;
  uint8_t *bytes;
  size_t length;
  if (!rn_get_bytes(ctx, argv[0], &bytes, &length)) return JS_EXCEPTION;
  int64_t start = 0, end = (int64_t)length;
  if (!take_index(ctx, argv[1], &start, 0, end)) return JS_EXCEPTION;
  if (!take_index(ctx, argv[2], &end, start, end)) return JS_EXCEPTION;
  return rn_text(ctx, (const char *)bytes + start, (size_t)(end - start));
}

static void free_text(JSRuntime *runtime, void *opaque, void *bytes) {
  (void)opaque;
  js_free_rt(runtime, bytes);
}

static JSValue js_encode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  (void)self; (void)argc;
  char *bytes;
  size_t length;
  if (!rn_get_text(ctx, argv[0], &bytes, &length)) return JS_EXCEPTION;
  JSValue buffer = JS_NewArrayBuffer(ctx, (uint8_t *)bytes, length, free_text, NULL, 0);
  if (JS_IsException(buffer)) return buffer;
  /* The constructor reads three arguments whatever their number. */
  JSValueConst arguments[] = {buffer, JS_UNDEFINED, JS_UNDEFINED};
  JSValue array = JS_NewTypedArray(ctx, 3, arguments, JS_TYPED_ARRAY_UINT8);
  JS_FreeValue(ctx, buffer);
  return array;
}

static const JSCFunctionListEntry functions[] = {
${rows.map(([name, row]) => `  JS_CFUNC_DEF("${name}", ${row.args.length}, js_${name}),`).join('\n')}
};

static const JSCFunctionListEntry text[] = {
  JS_CFUNC_DEF("decode", 3, js_decode),
  JS_CFUNC_DEF("encode", 1, js_encode),
};

void rn_add_natives(JSContext *ctx, JSValue host) {
  JSValue natives = JS_NewObject(ctx);
  JS_SetPropertyFunctionList(ctx, natives, functions, sizeof functions / sizeof *functions);
  JS_SetPropertyStr(ctx, host, "natives", natives);
  JS_SetPropertyFunctionList(ctx, host, text, sizeof text / sizeof *text);
}
`;

/** Where the constants of src/linux/constants.ts are defined; the last ones hold what libc hides. */
const headers = [
  'dirent.h fcntl.h poll.h sched.h signal.h sys/file.h sys/mman.h sys/mount.h sys/prctl.h',
  'sys/eventfd.h sys/socket.h sys/stat.h sys/statvfs.h sys/vfs.h sys/wait.h time.h unistd.h net/if.h',
  'linux/audit.h linux/bpf.h linux/capability.h linux/close_range.h linux/keyctl.h linux/magic.h',
  'linux/mount.h linux/ioprio.h linux/mempolicy.h linux/nsfs.h linux/openat2.h linux/personality.h',
  'linux/rtnetlink.h linux/sched.h linux/seccomp.h linux/sockios.h seccomp.h',
  'asm/ioctls.h asm/termbits.h',
];

/** A constant that disagrees with this machine's headers stops the build. */
export const assertions = (): string => {
  const included = headers
    .join(' ')
    .split(' ')
    .map((header) => `#include <${header}>\n`);
  const asserted = Object.entries(constants).map(
    ([name, value]) =>
      `_Static_assert((unsigned long long)${name} == (unsigned long long)${value}LL, "${name}");\n`,
  );
  return `${banner}#define _GNU_SOURCE\n${included.join('')}${asserted.join('')}`;
};
