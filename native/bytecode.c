/* Build tool: compiles one JavaScript file to QuickJS bytecode. Usage: bytecode IN OUT NAME module|script */
#include <stdio.h>
#include <stdlib.h>

#include "quickjs.h"

static char *read_whole(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  char *text = calloc(1, *length + 1);
  if (text != NULL && fread(text, 1, *length, file) != *length) return NULL;
  fclose(file);
  return text;
}

int main(int argc, char **argv) {
  size_t length, size;
  char *source = argc == 5 ? read_whole(argv[1], &length) : NULL;
  if (source == NULL) return fprintf(stderr, "usage: bytecode IN OUT NAME module|script\n"), 1;
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *ctx = JS_NewContext(runtime);
  int type = argv[4][0] == 'm' ? JS_EVAL_TYPE_MODULE : JS_EVAL_TYPE_GLOBAL;
  /* Positions would spread the program over a third more pages; names of functions stay. */
  JS_SetStripInfo(runtime, JS_STRIP_DEBUG);
  JSValue code = JS_Eval(ctx, source, length, argv[3], type | JS_EVAL_FLAG_COMPILE_ONLY);
  if (JS_IsException(code)) {
    JSValue error = JS_GetException(ctx);
    fprintf(stderr, "%s: %s\n", argv[1], JS_ToCString(ctx, error));
    return 1;
  }
  uint8_t *bytes = JS_WriteObject(ctx, &size, code, JS_WRITE_OBJ_BYTECODE);
  FILE *out = fopen(argv[2], "wb");
  if (bytes == NULL || out == NULL || fwrite(bytes, 1, size, out) != size || fclose(out) != 0) {
    perror(argv[2]);
    return 1;
  }
  return 0;
}
