#ifndef RUNTS_HEAP_H
#define RUNTS_HEAP_H

#include "quickjs.h"

extern const JSMallocFunctions rn_heap;

/* Reserves the region; 0, or -1 with errno. */
int rn_heap_open(void);

/* Gives every page back to the kernel: nothing in the heap may be used any more. */
void rn_heap_drop(void);

#endif
