#ifndef RUNTS_HEAP_H
#define RUNTS_HEAP_H

#include <stddef.h>

#include "quickjs.h"

extern const JSMallocFunctions rn_heap;

/*
 * The heap as it was when the program had been loaded is part of the executable, at a fixed
 * address: nothing is parsed, linked or evaluated again when it starts (native/build.ts makes it).
 */
int rn_heap_has_snapshot(void);

/*
 * Opens the heap for the program; answers the context in its snapshot, or NULL with errno. `much`:
 * the command will use most of it.
 */
JSContext *rn_heap_open(int much);

/* For the build: an empty heap at the snapshot's address. 0, or -1 with errno. */
int rn_heap_create(void);

/* For the build: writes the heap, and `ctx` as the context in it. 0, or -1 with errno. */
int rn_heap_save(JSContext *ctx, const char *path);

/* Gives every page back to the kernel: nothing in the heap may be used any more. */
void rn_heap_drop(void);

#endif
