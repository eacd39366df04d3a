/*
 * For tests only (-DRUNTS_FAULT): RUNTS_FAULT="parent 17 5" makes the 17th native call of the
 * parent fail with errno 5, "child 3 28" the third of the child, "program 1 5" the first of every
 * program that is run; "parent 17 -9" sends signal 9 before it. With RUNTS_FAULT_LOG=FD, each call
 * is written there as "parent 17 openat2".
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "natives.h"

#ifdef RUNTS_FAULT
static const char *role = "parent";
static long calls;

void rn_fault_child(const char *name) {
  role = name;
  calls = 0;
}

int rn_fault(const char *name) {
  char wanted[16];
  long number;
  int error;
  calls++;
  const char *log = getenv("RUNTS_FAULT_LOG");
  if (log != NULL) dprintf(atoi(log), "%s %ld %s\n", role, calls, name);
  const char *text = getenv("RUNTS_FAULT");
  if (text == NULL || sscanf(text, "%15s %ld %d", wanted, &number, &error) != 3) return 0;
  /* exit_group(2) does not fail. */
  if (strcmp(wanted, role) != 0 || number != calls || strcmp(name, "exit") == 0) return 0;
  if (error < 0) raise(-error);
  return error < 0 ? 0 : error;
}
#endif
