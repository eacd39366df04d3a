/*
 * Runs a program and waits for it: hooks, newuidmap. No heap is used, so that an init which has
 * given its memory back can do it too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "natives.h"

/* What is connected to the program: its three standard streams, and what reports a failed exec. */
enum { INPUT, FAILURE = RN_FAILURE + 1, ENDS, PROCESS = ENDS };

/* Of what a program leaves in a pipe when it ends, no more than a pipe of the largest size holds. */
enum { LAST_READS = (1 << 20) / RN_ROOM };

static void close_all(const int *fds) {
  for (int i = 0; i < ENDS; i++)
    if (fds[i] >= 0) close(fds[i]);
}

/* Ours do not block. SOCK_SEQPACKET: the report of a batch arrives whole. */
static int connect_ends(int *ours, int *theirs) {
  for (int i = 0; i < ENDS; i++) {
    int ends[2];
    if (i == FAILURE ? socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)
                     : pipe2(ends, O_CLOEXEC))
      return -1;
    ours[i] = ends[i == INPUT];
    theirs[i] = ends[i != INPUT];
    if (fcntl(ours[i], F_SETFL, O_NONBLOCK) < 0) return -1;
  }
  return 0;
}

/* Handlers end with execve(2) by themselves; what is ignored or blocked would stay so. */
static _Noreturn void become(const int *theirs, const void *program, uint64_t length) {
  sigset_t none;
  rn_fault_child("program");
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setpgid(0, 0);
  for (int i = 0; i < FAILURE; i++)
    if (dup2(theirs[i], i) < 0) _exit(255);
  rn_batch(theirs[FAILURE], (unsigned char *)(uintptr_t)program, length, 1);
  _exit(255);
}

static void stop(struct pollfd *end) {
  close(end->fd);
  end->fd = -1;
}

/* A program that does not read its input (EPIPE) is content without it. */
static void feed(struct pollfd *end, const char **input, uint64_t *left) {
  ssize_t put = *left == 0 ? 0 : write(end->fd, *input, *left);
  if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (put < 0) *left = 0;
  else *input += put, *left -= (uint64_t)put;
  if (*left == 0) stop(end);
}

/* Keeps the last that came, which tells most. True if there may be more. */
static int take(struct pollfd *end, char *text, uint32_t *used) {
  if (*used == RN_ROOM) memmove(text, text + RN_ROOM / 2, *used = RN_ROOM / 2);
  ssize_t got = read(end->fd, text + *used, RN_ROOM - *used);
  if (got > 0) *used += (uint32_t)got;
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) stop(end);
  return got > 0;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Until the program itself has ended: who it leaves behind may keep its pipes for ever. */
static int attend(pid_t pid, struct pollfd *ends, const char *input, uint64_t left,
                   int64_t deadline, struct rn_report *report) {
  while (ends[PROCESS].revents == 0) {
    int64_t rest = deadline < 0 ? -1 : deadline - now();
    if (deadline >= 0 && rest <= 0) {
      report->timed_out = 1;
      kill(-pid, SIGKILL);
      kill(pid, SIGKILL);
      deadline = rest = -1;
    }
    struct timespec time = {rest / 1000, rest % 1000 * 1000000};
    for (int i = 0; i <= PROCESS; i++) ends[i].revents = 0;
    if (ppoll(ends, PROCESS + 1, rest < 0 ? NULL : &time, NULL) < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    if (ends[INPUT].revents) feed(&ends[INPUT], &input, &left);
    for (int i = 0; i < RN_TEXTS; i++)
      if (ends[1 + i].revents) take(&ends[1 + i], report->text[i], &report->used[i]);
  }
  for (int i = 0; i < RN_TEXTS; i++)
    for (int reads = 0; reads < LAST_READS && ends[1 + i].fd >= 0; reads++)
      if (!take(&ends[1 + i], report->text[i], &report->used[i])) break;
  return 0;
}

static int64_t oversee(pid_t pid, int process, int *ours, const char *input, uint64_t left,
                       int64_t timeout, struct rn_report *report) {
  struct pollfd ends[PROCESS + 1];
  for (int i = 0; i < ENDS; i++) ends[i] = (struct pollfd){ours[i], POLLIN, 0};
  ends[INPUT].events = POLLOUT;
  ends[PROCESS] = (struct pollfd){process, POLLIN, 0};
  int64_t deadline = timeout < 0 ? -1 : now() + timeout;
  int64_t result = rn_result(attend(pid, ends, input, left, deadline, report));
  if (result < 0) kill(pid, SIGKILL);
  for (int i = 0; i < ENDS; i++) ours[i] = ends[i].fd;
  pid_t ended;
  do ended = waitpid(pid, &report->status, 0);
  while (ended < 0 && errno == EINTR);
  return ended < 0 ? -(int64_t)errno : result;
}

/* Nothing may disturb between the clone and the child's own dispositions: handlers are ours. */
static pid_t start(const int *theirs, const void *program, uint64_t length, int *process) {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  /* Not clone3(2), which filters of system calls cannot look into and therefore refuse. */
  pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, process, NULL, NULL);
  if (pid == 0) become(theirs, program, length);
  int error = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return pid;
}

/* write(2) to a pipe whose reader is gone sends SIGPIPE to this very thread. */
static void hold_sigpipe(sigset_t *before) {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigprocmask(SIG_BLOCK, &pipe, before);
}

static void forget_sigpipe(const sigset_t *before) {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  const struct timespec at_once = {0, 0};
  while (!sigismember(before, SIGPIPE) && sigtimedwait(&pipe, NULL, &at_once) > 0) continue;
  sigprocmask(SIG_SETMASK, before, NULL);
}

int64_t rn_runProgram(const void *program, uint64_t length, const void *input, uint64_t size,
                      void *output, int timeout) {
  RN_FAULT("runProgram");
  struct rn_report *report = output;
  memset(report, 0, offsetof(struct rn_report, text));
  int ours[ENDS] = {-1, -1, -1, -1}, theirs[ENDS] = {-1, -1, -1, -1}, process = -1;
  /* Were SIGCHLD ignored, as a caller may have left it, there would be no status to wait for. */
  struct sigaction chld;
  if (sigaction(SIGCHLD, NULL, &chld) == 0 && chld.sa_handler == SIG_IGN) signal(SIGCHLD, SIG_DFL);
  pid_t pid = connect_ends(ours, theirs) < 0 ? -1 : start(theirs, program, length, &process);
  int64_t result = rn_result(pid);
  close_all(theirs);
  if (pid > 0) {
    sigset_t before;
    hold_sigpipe(&before);
    result = oversee(pid, process, ours, input, size, timeout, report);
    forget_sigpipe(&before);
    close(process);
  }
  close_all(ours);
  return result < 0 ? result : 0;
}
