/*
 * Runs a list of system calls without returning to an engine: before it (in the child of a
 * multi-threaded process), or after it (when a seccomp filter forbids an allocator to run).
 * The format is written by src/linux/batch.ts; keep both in step.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "natives.h"

enum operation { CALL = 0, ASK = 1, AWAIT = 2, FILTER = 3, HAND = 4, CLONE = 5, RUN = 6, FAIL = 7 };
/* RELEASE: with the answer the parent may leave; failures are the container's own from then on. */
enum option { TOLERATE = 1, RELEASE = 2 };
enum { SLOTS = 8, NO_SLOT = 0xff, MESSAGE = 4096 };

struct instruction {
  uint8_t operation;
  uint8_t pointers; /* bit i: argument i is an offset into the program */
  uint8_t slots;    /* bit i: argument i is the number of a slot that holds an earlier result */
  uint8_t options;
  uint16_t row;  /* of the native table */
  uint16_t save; /* slot for the result */
  uint32_t label; /* offset of the NUL-terminated name of the step */
  uint32_t vectors; /* bit i: argument i is the offset of a vector of offsets, 0 at its end */
  uint64_t arguments[6];
};

/* Text as the inside of a JSON string. */
static size_t escape(char *to, size_t room, const char *text) {
  size_t used = 0;
  for (; *text != 0 && used + 7 < room; text++) {
    unsigned char c = (unsigned char)*text;
    if (c < 0x20) used += (size_t)snprintf(to + used, 7, "\\u%04x", c);
    else {
      if (c == '"' || c == '\\') to[used++] = '\\';
      to[used++] = (char)c;
    }
  }
  to[used] = 0;
  return used;
}

/*
 * Before `start` the report goes to the parent alone; after it, the container's own error output is
 * told as well, and the status is the one that a shell's user would see from runc.
 */
static _Noreturn void fail(int channel, int released, const char *label, int row, int error) {
  /* A character may take six in JSON. */
  char text[6 * MESSAGE], packet[sizeof text + 128];
  escape(text, sizeof text, label);
  int length = snprintf(packet, sizeof packet,
                        "{\"type\":\"failed\",\"step\":\"%s\",\"row\":%d,\"errno\":%d}", text, row, error);
  send(channel, packet, (size_t)length, MSG_NOSIGNAL);
  if (released) {
    /* release_memory() has taken the heap away: nothing here may allocate. */
    const char *colon = error == 0 ? "" : ": ", *reason = error == 0 ? "" : strerror(error);
    length = snprintf(packet, sizeof packet, "%s%s%s\n", label, colon, reason);
    size_t whole = (size_t)length < sizeof packet ? (size_t)length : sizeof packet - 1;
    ssize_t written = write(2, packet, whole);
    (void)written;
  }
  _exit(released ? 255 : 1);
}

/* Sends a request and waits for the answer; a peer that went away ends this process, or not. */
static void ask(int channel, const char *request, size_t length, int tolerate) {
  char answer[256];
  ssize_t got = send(channel, request, length, MSG_NOSIGNAL);
  if (got > 0) do got = recv(channel, answer, sizeof answer, 0);
  while (got < 0 && errno == EINTR);
  if (got <= 0 && !tolerate) _exit(1);
}

/* Waits for `start`. Whoever only looks whether somebody waits connects and leaves without a word. */
static int await_start(int listener) {
  for (;;) {
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (connection < 0) _exit(1);
    char word;
    ssize_t got;
    do got = recv(connection, &word, 1, 0);
    while (got < 0 && errno == EINTR);
    if (got == 1) {
      close(listener);
      return connection;
    }
    close(connection);
  }
}

/*
 * Some namespaces are entered by children alone: goes on in a sibling, which is as much a child of
 * our parent as we are, tells the parent its pid and ends.
 */
static void clone_sibling(int channel, const char *label, int row, uint64_t flags) {
  struct clone_args arguments = {.flags = flags | CLONE_PARENT};
#ifdef RUNTS_FAULT
  int fault = rn_fault("clone");
  if (fault != 0) fail(channel, 0, label, row, fault);
#endif
  long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid < 0) fail(channel, 0, label, row, errno);
  if (pid == 0) return;
  char packet[64];
  int length = snprintf(packet, sizeof packet, "{\"type\":\"child\",\"pid\":%ld}", pid);
  _exit(send(channel, packet, (size_t)length, MSG_NOSIGNAL) < 0);
}

/* The end of what a program has written: as much as a message has room for. */
static int last(const struct rn_report *report, int which, const char **text) {
  uint32_t used = report->used[which], told = used < 1024 ? used : 1024;
  *text = report->text[which] + (used - told);
  return (int)told;
}

/* Runs a program of the container, a hook. One that does not succeed is the end of this process. */
static void run(int channel, int released, const char *label, const uint64_t *a) {
  struct rn_report report;
  int timeout = (int)a[4];
  int64_t result = rn_runProgram((const void *)(uintptr_t)a[0], a[1],
                                 (const void *)(uintptr_t)a[2], a[3], &report, timeout);
  if (result < 0) fail(channel, released, label, -1, (int)-result);
  if (report.used[RN_FAILURE] > 0) {
    /* It never ran: what its own batch has said is passed on. */
    send(channel, report.text[RN_FAILURE], report.used[RN_FAILURE], MSG_NOSIGNAL);
    ssize_t written = write(2, report.text[RN_STDERR], report.used[RN_STDERR]);
    (void)written;
    _exit(255);
  }
  if (report.status == 0 && !report.timed_out) return;
  char end[64], text[MESSAGE];
  if (report.timed_out)
    snprintf(end, sizeof end, "hook ran past specified timeout of %d.%ds", timeout / 1000,
             timeout % 1000 / 100);
  else if (WIFSIGNALED(report.status))
    snprintf(end, sizeof end, "killed by signal %d", WTERMSIG(report.status));
  else snprintf(end, sizeof end, "exit status %d", WEXITSTATUS(report.status));
  const char *out, *err;
  int outs = last(&report, RN_STDOUT, &out), errs = last(&report, RN_STDERR, &err);
  snprintf(text, sizeof text, "%s: %s, stdout: %.*s, stderr: %.*s", label, end, outs, out, errs, err);
  fail(channel, released, text, -1, 0);
}

/* Offsets of texts become the pointers that execve(2) wants. */
static void relocate(unsigned char *program, uint64_t offset) {
  for (uint64_t *entry = (uint64_t *)(void *)(program + offset); *entry != 0; entry++)
    *entry += (uint64_t)(uintptr_t)program;
}

/* seccomp(2): flags, instructions and their count. */
static long load_filter(const uint64_t *a) {
  struct sock_fprog filter = {(unsigned short)a[2], (struct sock_filter *)(uintptr_t)a[1]};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, a[0], &filter);
}

/* Sends a text of a length, and a descriptor with it; nobody answers. */
static long hand_over(int channel, const uint64_t *a) {
  int32_t fd = (int32_t)a[2];
  int64_t sent = rn_sendFds(channel, (const void *)(uintptr_t)a[0], a[1], &fd, 1);
  if (sent >= 0) return (long)sent;
  errno = (int)-sent;
  return -1;
}

static long call(int channel, const struct instruction *step, const uint64_t *a) {
#ifdef RUNTS_FAULT
  int fault = rn_fault("batch");
  if (fault != 0) {
    /* close(2): the descriptor is gone, whatever the answer is. */
    if (rn_numbers[step->row] == SYS_close) syscall(SYS_close, a[0]);
    errno = fault;
    return -1;
  }
#endif
  if (step->operation == FILTER) return load_filter(a);
  if (step->operation == HAND) return hand_over(channel, a);
  return syscall(rn_numbers[step->row], a[0], a[1], a[2], a[3], a[4], a[5]);
}

void rn_batch(int channel, unsigned char *program, uint64_t length, int released) {
  uint32_t count;
  uint64_t slots[SLOTS] = {0};
  memcpy(&count, program, sizeof count);
  for (uint32_t i = 0; i < count; i++) {
    struct instruction step;
    uint64_t offset = 8 + (uint64_t)i * sizeof step;
    if (offset + sizeof step > length) fail(channel, released, "batch", -1, EBADMSG);
    memcpy(&step, program + offset, sizeof step);
    const char *label = (const char *)program + step.label;
    uint64_t a[6];
    for (int n = 0; n < 6; n++) {
      a[n] = step.arguments[n];
      if (step.vectors & (1u << n)) relocate(program, a[n]);
      if ((step.pointers | step.vectors) & (1u << n)) a[n] += (uint64_t)(uintptr_t)program;
      if (step.slots & (1u << n)) a[n] = slots[a[n] % SLOTS];
    }
    switch (step.operation) {
      case CALL:
      case FILTER:
      case HAND: {
        if (step.row >= rn_count) fail(channel, released, label, -1, ENOSYS);
        long result = call(channel, &step, a);
        if (result == -1) result = -errno;
        if (result < 0 && !(step.options & TOLERATE))
          fail(channel, released, label, step.row, (int)-result);
        if (step.save != NO_SLOT) slots[step.save % SLOTS] = (uint64_t)result;
        break;
      }
      case ASK:
        ask(channel, (const char *)(uintptr_t)a[0], (size_t)a[1], step.options & TOLERATE);
        released |= step.options & RELEASE;
        break;
      case AWAIT:
        close(channel);
        channel = await_start((int)a[0]);
        break;
      case CLONE: clone_sibling(channel, label, step.row, a[0]); break;
      case RUN: run(channel, released, label, a); break;
      case FAIL: fail(channel, released, label, step.row, (int)-(int64_t)a[0]);
      default: fail(channel, released, label, -1, ENOSYS);
    }
  }
}
