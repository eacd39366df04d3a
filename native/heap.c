/*
 * The engine's heap. The program runs for milliseconds, so a block is taken from the front of one
 * region and a freed one goes to a list of its size; nothing is ever given back piece by piece.
 * What waits for `start` drops the whole region at once (launch.c).
 */
#define _GNU_SOURCE
#include "heap.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { GRAIN = 16, CLASSES = 64, POPULATED = 512 << 10 };
static const size_t REGION = (size_t)1 << 32;

/* Precedes each block; keeps it aligned to 16 bytes. */
struct header {
  size_t size;
  struct header *next;
};

static unsigned char *start, *top, *end;
static struct header *lists[CLASSES];

int rn_heap_open(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  start = mmap(NULL, REGION, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (start == MAP_FAILED) return -1;
  /* One call instead of a fault per page; a kernel without it (before 5.14) faults them in. */
  madvise(start, POPULATED, MADV_POPULATE_WRITE);
  top = start;
  end = start + REGION;
  return 0;
}

void rn_heap_drop(void) {
  madvise(start, (size_t)(top - start + 4095) & ~(size_t)4095, MADV_DONTNEED);
}

static void *allocate(size_t size) {
  size = (size + GRAIN - 1) & ~(size_t)(GRAIN - 1);
  size_t class = size / GRAIN;
  if (class < CLASSES && lists[class] != NULL) {
    struct header *block = lists[class];
    lists[class] = block->next;
    return block + 1;
  }
  if ((size_t)(end - top) < size + sizeof(struct header)) return NULL;
  struct header *block = (struct header *)top;
  block->size = size;
  top += size + sizeof *block;
  return block + 1;
}

static void *heap_malloc(JSMallocState *state, size_t size) {
  (void)state;
  return size == 0 ? NULL : allocate(size);
}

static void heap_free(JSMallocState *state, void *pointer) {
  (void)state;
  if (pointer == NULL) return;
  struct header *block = (struct header *)pointer - 1;
  size_t class = block->size / GRAIN;
  if ((unsigned char *)pointer + block->size == top) {
    top = (unsigned char *)block;
  } else if (class < CLASSES) {
    block->next = lists[class];
    lists[class] = block;
  }
}

static void *heap_realloc(JSMallocState *state, void *pointer, size_t size) {
  if (pointer == NULL) return heap_malloc(state, size);
  if (size == 0) return heap_free(state, pointer), NULL;
  struct header *block = (struct header *)pointer - 1;
  if (size <= block->size) return pointer;
  if ((unsigned char *)pointer + block->size == top) {
    size = (size + GRAIN - 1) & ~(size_t)(GRAIN - 1);
    if ((size_t)(end - (unsigned char *)pointer) < size) return NULL;
    block->size = size;
    top = (unsigned char *)pointer + size;
    return pointer;
  }
  void *moved = allocate(size);
  if (moved == NULL) return NULL;
  memcpy(moved, pointer, block->size);
  heap_free(state, pointer);
  return moved;
}

static size_t heap_usable_size(const void *pointer) {
  return pointer == NULL ? 0 : ((const struct header *)pointer - 1)->size;
}

const JSMallocFunctions rn_heap = {heap_malloc, heap_free, heap_realloc, heap_usable_size};
