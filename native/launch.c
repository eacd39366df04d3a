/* Starts the child and, at its other end, turns it into the container's process. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "natives.h"

int64_t rn_launch(uint64_t flags, int cgroup, int channel, const void *program, uint64_t length) {
  RN_FAULT("launch");
  struct clone_args arguments = {.flags = flags, .exit_signal = SIGCHLD};
  if (cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = (uint64_t)cgroup;
  }
  long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid != 0) return rn_result(pid);
  rn_fault_child("child");
  rn_batch(channel, (unsigned char *)(uintptr_t)program, length, 0);
  return 0;
}

/*
 * The batch is copied to pages of its own; then the heap, which nothing will use again, and the
 * program's clean pages go back to the kernel. What waits for `start` is a few dozen kilobytes.
 */
extern char __executable_start, etext;

static void release_memory(void) {
#ifdef RUNTS_STATIC
  extern void rn_heap_drop(void);
  rn_heap_drop();
  const uintptr_t page = 4096;
  uintptr_t text = (uintptr_t)&__executable_start & ~(page - 1);
  madvise((void *)text, (uintptr_t)&etext - text, MADV_DONTNEED);
#endif
}

int64_t rn_finish(int channel, const void *program, uint64_t length) {
  RN_FAULT("finish");
  unsigned char *copy =
      mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return -(int64_t)errno;
  memcpy(copy, program, length);
  /* Ignored signals and the mask outlive execve(2); handlers do not. We ignore one, Node both. */
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  release_memory();
  rn_batch(channel, copy, length, 0);
  _exit(0);
}
