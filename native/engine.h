#ifndef RUNTS_ENGINE_H
#define RUNTS_ENGINE_H

#include "quickjs.h"

/* Forgets what depends on the process: addresses of its stack, the seed of Math.random. */
void rn_engine_forget(JSContext *ctx);

#endif
