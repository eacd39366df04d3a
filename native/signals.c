/* Signals as bytes in a pipe: shared TypeScript waits for them with ppoll(2) like for anything. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>

#include "natives.h"

static int writing_end = -1;

static void note(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  /* A full pipe already holds thousands of unread signals: one more tells nothing new. */
  if (write(writing_end, &byte, 1) < 0) errno = saved;
  errno = saved;
}

int64_t rn_watchSignals(const void *numbers, uint64_t count) {
  RN_FAULT("watchSignals");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -(int64_t)errno;
  writing_end = ends[1];
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  for (uint64_t i = 0; i < count; i++)
    if (sigaction(((const unsigned char *)numbers)[i], &action, NULL) < 0) return -(int64_t)errno;
  return ends[0];
}
