/*
 * subreaper PROGRAM ARGUMENTS: runs the program as a child and adopts what it leaves behind, as an
 * engine's shim does; tells of the end of each, in order, until there are no children any more.
 */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) return 125;
  pid_t child = fork();
  if (child < 0) return 125;
  if (child == 0) {
    execv(argv[1], argv + 1);
    _exit(127);
  }
  int status;
  for (pid_t pid; (pid = wait(&status)) > 0; fflush(stdout)) {
    if (WIFSIGNALED(status)) printf("%d killed %d\n", pid, WTERMSIG(status));
    else printf("%d exited %d\n", pid, WEXITSTATUS(status));
  }
  return 0;
}
