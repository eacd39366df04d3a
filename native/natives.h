/* Shared by the hand-written C and by what native/generate.ts makes. */
#ifndef RUNTS_NATIVES_H
#define RUNTS_NATIVES_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "prototypes.h"

/* A result as TypeScript sees it: negative errno instead of -1 and a thread-local. */
static inline int64_t rn_result(long value) { return value == -1 ? -(int64_t)errno : value; }

/* Number of the system call behind each row of the native table, or -1. */
extern const int32_t rn_numbers[];
extern const uint32_t rn_count;

/*
 * Runs a batch; a failure is reported on `channel` and ends the process. When `released`, standard
 * error is told as well. Defined in batch.c.
 */
void rn_batch(int channel, unsigned char *program, uint64_t length, int released);

/* What runProgram fills in; src/linux/program.ts reads it. RN_FAILURE: what the batch reported. */
enum { RN_STDOUT, RN_STDERR, RN_FAILURE, RN_TEXTS, RN_ROOM = 8192 };
struct rn_report {
  int32_t status; /* of wait(2) */
  uint32_t timed_out;
  uint32_t used[RN_TEXTS];
  char text[RN_TEXTS][RN_ROOM];
};

/* Fault injection: a test build (-DRUNTS_FAULT) can make any native call fail; see fault.c. */
#ifdef RUNTS_FAULT
int rn_fault(const char *name);
void rn_fault_child(const char *name);
#define RN_FAULT(name)                                                                             \
  do {                                                                                             \
    int fault_ = rn_fault(name);                                                                   \
    if (fault_ != 0) return -(int64_t)fault_;                                                      \
  } while (0)
#else
#define RN_FAULT(name) ((void)0)
#define rn_fault_child(name) ((void)0)
#endif

#endif
