/*
 * QuickJS, with the two fields of it that a snapshot must not carry from one process to another.
 */
#include "quickjs.c"

#include "engine.h"

void rn_engine_forget(JSContext *ctx) {
  JSRuntime *runtime = JS_GetRuntime(ctx);
  runtime->stack_top = 0;
  runtime->stack_limit = 0;
  ctx->random_state = 1;
}
