/*
 * The static executable: seals itself, starts QuickJS with the native table and runs the bytecode.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "engine.h"
#include "glue.h"
#include "heap.h"
#include "natives.h"
#include "quickjs.h"

extern char **environ;

struct chunk {
  const char *name;
  const unsigned char *start, *end;
};
#define CHUNKS(X) X(explain) X(help) X(inspect) X(log)
#define EMBEDDED(name) extern const unsigned char rn_##name##_start[], rn_##name##_end[];
#define CHUNK(name) {#name, rn_##name##_start, rn_##name##_end},
CHUNKS(EMBEDDED)
static const struct chunk chunks[] = {CHUNKS(CHUNK)};

static _Noreturn void die(const char *what) {
  dprintf(2, "runts: %s: errno %d\n", what, errno);
  _exit(1);
}

/* A descriptor 0, 1 or 2 that is closed would be taken by the first file we open. */
static void open_standard_fds(void) {
  for (;;) {
    int fd = open("/dev/null", O_RDWR);
    if (fd < 0) die("cannot open /dev/null");
    if (fd > 2) {
      close(fd);
      return;
    }
  }
}

/*
 * CVE-2019-5736: a container that gets hold of /proc/PID/exe must not be able to write to our
 * executable. Commands whose process enters a container run from a read-only mount that is
 * attached nowhere, or, where that cannot be had, from a sealed memfd.
 */
static int enters_container(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "create") == 0 || strcmp(argv[i], "run") == 0 || strcmp(argv[i], "exec") == 0) return 1;
  return 0;
}

static int is_sealed(int exe) {
  struct statfs fs;
  if (fstatfs(exe, &fs) == 0 && (fs.f_flags & ST_RDONLY)) return 1;
  int seals = fcntl(exe, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_WRITE);
}

static int read_only_mount(void) {
  int fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (fd < 0) return -1;
  struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
  if (syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &read_only, sizeof read_only) == 0) return fd;
  close(fd);
  return -1;
}

static int sealed_copy(int exe) {
  int fd = memfd_create("runts", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  struct stat info;
  if (fstat(exe, &info) < 0) return -1;
  off_t at = 0;
  while (at < info.st_size)
    if (syscall(SYS_sendfile, fd, exe, &at, (size_t)(info.st_size - at)) <= 0) return -1;
  int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  return fcntl(fd, F_ADD_SEALS, seals) < 0 ? -1 : fd;
}

static void seal(char **argv) {
  int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (exe < 0) die("cannot open /proc/self/exe, is /proc mounted?");
  if (!is_sealed(exe)) {
    int fd = read_only_mount();
    if (fd < 0) fd = sealed_copy(exe);
    if (fd < 0) die("cannot seal the executable (CVE-2019-5736)");
    syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
    die("cannot run the sealed executable (CVE-2019-5736)");
  }
  close(exe);
  prctl(PR_SET_NAME, "runts");
}

static JSValue list_of(JSContext *ctx, char **texts) {
  JSValue list = JS_NewArray(ctx);
  for (uint32_t i = 0; texts[i] != NULL; i++)
    JS_SetPropertyUint32(ctx, list, i, rn_text(ctx, texts[i], strlen(texts[i])));
  return list;
}

static void report(JSContext *ctx) {
  JSValue error = JS_GetException(ctx);
  const char *text = JS_ToCString(ctx, error);
  JSValue stack = JS_GetPropertyStr(ctx, error, "stack");
  const char *trace = JS_ToCString(ctx, stack);
  dprintf(2, "runts: bug: %s\n%s", text ? text : "?", trace ? trace : "");
  _exit(1);
}

static JSValue evaluate(JSContext *ctx, const unsigned char *code, size_t length, int flags) {
  JSValue object = JS_ReadObject(ctx, code, length, JS_READ_OBJ_BYTECODE | flags);
  if (JS_IsException(object)) return object;
  return JS_EvalFunction(ctx, object);
}

/* chunk(name): evaluates a chunk, which leaves its exports in the global `exported`. */
static JSValue load_chunk(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  (void)self;
  (void)argc;
  const char *name = JS_ToCString(ctx, argv[0]);
  if (name == NULL) return JS_EXCEPTION;
  for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
    if (strcmp(chunks[i].name, name) != 0) continue;
    JS_FreeCString(ctx, name);
    size_t length = (size_t)(chunks[i].end - chunks[i].start);
    JSValue value = evaluate(ctx, chunks[i].start, length, JS_READ_OBJ_ROM_DATA);
    if (JS_IsException(value)) return value;
    JS_FreeValue(ctx, value);
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue exported = JS_GetPropertyStr(ctx, global, "exported");
    JS_FreeValue(ctx, global);
    return exported;
  }
  JS_FreeCString(ctx, name);
  return JS_ThrowReferenceError(ctx, "no such chunk");
}

static JSContext *new_context(void) {
  JSRuntime *runtime = rn_heap_create() == 0 ? JS_NewRuntime2(&rn_heap, NULL) : NULL;
  if (runtime == NULL) die("cannot start the engine");
  JS_SetGCThreshold(runtime, (size_t)64 << 20);
  JSContext *ctx = JS_NewContextRaw(runtime);
  if (ctx == NULL) die("cannot start the engine");
  JS_AddIntrinsicBaseObjects(ctx);
  JS_AddIntrinsicDate(ctx);
  JS_AddIntrinsicRegExpCompiler(ctx);
  JS_AddIntrinsicRegExp(ctx);
  JS_AddIntrinsicJSON(ctx);
  JS_AddIntrinsicMapSet(ctx);
  JS_AddIntrinsicTypedArrays(ctx);
  JS_AddIntrinsicPromise(ctx);
  return ctx;
}

static JSValue engine_object(JSContext *ctx) {
  JSValue global = JS_GetGlobalObject(ctx);
  JSValue engine = JS_GetPropertyStr(ctx, global, "engine");
  JS_FreeValue(ctx, global);
  return engine;
}

/*
 * The build's part: the executable without a snapshot loads the program, which leaves its entry in
 * the global `start`, and writes the heap.
 */
static _Noreturn void make_snapshot(const char *program, const char *output) {
  int fd = open(program, O_RDONLY | O_CLOEXEC);
  off_t length = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
  if (length <= 0) die("cannot read the program");
  const unsigned char *code = mmap(NULL, (size_t)length, PROT_READ, MAP_PRIVATE, fd, 0);
  if (code == MAP_FAILED) die("cannot read the program");
  JSContext *ctx = new_context();
  JSValue engine = JS_NewObject(ctx);
  rn_add_natives(ctx, engine);
  JS_SetPropertyStr(ctx, engine, "chunk", JS_NewCFunction(ctx, load_chunk, "chunk", 1));
  JSValue global = JS_GetGlobalObject(ctx);
  JS_SetPropertyStr(ctx, global, "engine", engine);
  if (JS_IsException(evaluate(ctx, code, (size_t)length, 0))) report(ctx);
  JSContext *other;
  while (JS_ExecutePendingJob(JS_GetRuntime(ctx), &other) > 0) continue;
  JSValue start = JS_GetPropertyStr(ctx, global, "start");
  if (!JS_IsFunction(ctx, start)) die("the program has no start");
  rn_engine_forget(ctx);
  if (rn_heap_save(ctx, output) < 0) die("cannot write the snapshot");
  _exit(0);
}

static _Noreturn void run(char **argv, int much) {
  JSContext *ctx = rn_heap_open(much);
  if (ctx == NULL) die("cannot reserve memory for the engine");
  JSRuntime *runtime = JS_GetRuntime(ctx);
  JS_UpdateStackTop(runtime);
  JS_SetMaxStackSize(runtime, 4 << 20);
  JSValue engine = engine_object(ctx);
  JS_SetPropertyStr(ctx, engine, "argv", list_of(ctx, argv));
  JS_SetPropertyStr(ctx, engine, "environment", list_of(ctx, environ));
  JSValue global = JS_GetGlobalObject(ctx);
  JSValue start = JS_GetPropertyStr(ctx, global, "start");
  if (JS_IsException(JS_Call(ctx, start, JS_UNDEFINED, 0, NULL))) report(ctx);
  die("the program ended without an exit status");
}

int main(int argc, char **argv) {
  open_standard_fds();
  if (!rn_heap_has_snapshot()) {
    if (argc != 3) die("built without its program");
    make_snapshot(argv[1], argv[2]);
  }
  int enters = enters_container(argc, argv);
  if (enters) seal(argv);
  signal(SIGPIPE, SIG_IGN);
  run(argv, enters);
}
