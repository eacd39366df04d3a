/*
 * The engine's heap. The program runs for milliseconds, so a block is taken from the front of a
 * region and a freed one goes to a list of its size; nothing is ever given back piece by piece.
 * What waits for `start` drops everything at once (launch.c).
 */
#define _GNU_SOURCE
#include "heap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GRAIN = 8, CLASSES = 128, PAGE = 4096, POPULATED = 256 << 10 };
static const size_t REGION = (size_t)256 << 20;
static const uint64_t MAGIC = 0x31706165687374ULL;

/* Pointers, doubles and 64-bit integers are all that the engine keeps: 8 bytes align them. */
struct block {
  size_t size;
  /* Of a free block: in use, the engine's data starts here. */
  struct block *next;
};
enum { HEADER = offsetof(struct block, next) };

/* Everything that changes, so that a snapshot is whole: it stands at the heap's first address. */
struct heap {
  uint64_t magic;
  JSContext *ctx;
  unsigned char *top, *end;
  /* Where the snapshot ends, and the region that has grown since the start. */
  unsigned char *saved, *grown;
  /* Free blocks; the last list is of all that are too large for one of their size. */
  struct block *lists[CLASSES + 1];
};

/* The section .snapshot, which the linker puts at a fixed address (native/build.ts). */
extern unsigned char rn_snapshot[], rn_snapshot_end[];
#define heap (*(struct heap *)rn_snapshot)

int rn_heap_has_snapshot(void) { return heap.magic == MAGIC; }

JSContext *rn_heap_open(int much) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  unsigned char *region = mmap(NULL, REGION, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (region == MAP_FAILED) return NULL;
  /*
   * Most pages will be written, since every use of an object counts its references: one call costs
   * less than a fault each. A kernel without it (before 5.14) faults them in.
   */
  if (much) {
    madvise(region, POPULATED, MADV_POPULATE_WRITE);
    madvise(rn_snapshot, (size_t)(heap.saved - rn_snapshot), MADV_POPULATE_WRITE);
  }
  heap.grown = heap.top = region;
  heap.end = region + REGION;
  return heap.ctx;
}

int rn_heap_create(void) {
  memset(&heap, 0, sizeof heap);
  heap.top = rn_snapshot + (sizeof heap + GRAIN - 1) / GRAIN * GRAIN;
  heap.end = rn_snapshot_end;
  return 0;
}

int rn_heap_save(JSContext *ctx, const char *path) {
  heap.ctx = ctx;
  heap.magic = MAGIC;
  heap.saved = heap.top = rn_snapshot + ((size_t)(heap.top - rn_snapshot) + PAGE - 1) / PAGE * PAGE;
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return -1;
  for (unsigned char *at = rn_snapshot; at < heap.saved;) {
    ssize_t written = write(fd, at, (size_t)(heap.saved - at));
    if (written < 0) return -1;
    at += written;
  }
  return close(fd);
}

void rn_heap_drop(void) {
  unsigned char *grown = heap.grown;
  size_t used = ((size_t)(heap.top - grown) + PAGE - 1) / PAGE * PAGE;
  madvise(rn_snapshot, (size_t)(heap.saved - rn_snapshot), MADV_DONTNEED);
  madvise(grown, used > POPULATED ? used : POPULATED, MADV_DONTNEED);
}

static unsigned char *data_of(struct block *block) { return (unsigned char *)block + HEADER; }

static struct block *block_of(const void *data) {
  return (struct block *)(uintptr_t)((const unsigned char *)data - HEADER);
}

static struct block **list_of(size_t size) {
  return &heap.lists[size / GRAIN < CLASSES ? size / GRAIN : CLASSES];
}

static void put_back(struct block *block) {
  struct block **list = list_of(block->size);
  block->next = *list;
  *list = block;
}

static void *allocate(size_t size) {
  size = (size + GRAIN - 1) & ~(size_t)(GRAIN - 1);
  struct block **at = list_of(size);
  if (*at == NULL) at = &heap.lists[CLASSES];
  while (*at != NULL && (*at)->size < size) at = &(*at)->next;
  struct block *block = *at;
  if (block == NULL) {
    if ((size_t)(heap.end - heap.top) < size + HEADER) return NULL;
    block = (struct block *)heap.top;
    heap.top += size + HEADER;
  } else {
    *at = block->next;
    if (block->size < size + 2 * HEADER) return data_of(block);
    block->size -= size + HEADER;
    put_back(block);
    block = (struct block *)(data_of(block) + block->size);
  }
  block->size = size;
  return data_of(block);
}

static void *heap_malloc(JSMallocState *state, size_t size) {
  (void)state;
  return size == 0 ? NULL : allocate(size);
}

static int is_last(struct block *block) { return data_of(block) + block->size == heap.top; }

static void heap_free(JSMallocState *state, void *pointer) {
  (void)state;
  if (pointer == NULL) return;
  struct block *block = block_of(pointer);
  if (is_last(block)) heap.top = (unsigned char *)block;
  else put_back(block);
}

static void *heap_realloc(JSMallocState *state, void *pointer, size_t size) {
  if (pointer == NULL) return heap_malloc(state, size);
  if (size == 0) return heap_free(state, pointer), NULL;
  struct block *block = block_of(pointer);
  if (size <= block->size) return pointer;
  if (is_last(block)) {
    size = (size + GRAIN - 1) & ~(size_t)(GRAIN - 1);
    if ((size_t)(heap.end - (unsigned char *)pointer) < size) return NULL;
    block->size = size;
    heap.top = (unsigned char *)pointer + size;
    return pointer;
  }
  void *moved = allocate(size);
  if (moved == NULL) return NULL;
  memcpy(moved, pointer, block->size);
  heap_free(state, pointer);
  return moved;
}

static size_t heap_usable_size(const void *pointer) {
  return pointer == NULL ? 0 : block_of(pointer)->size;
}

const JSMallocFunctions rn_heap = {heap_malloc, heap_free, heap_realloc, heap_usable_size};
