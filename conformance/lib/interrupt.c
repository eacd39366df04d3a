/*
 * interrupt MICROSECONDS PROGRAM ARGUMENTS: kills the program so long after its start; with 0 it
 * lets it run to its end. Prints how many microseconds it has lived, and its exit code, or -1.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000LL + at.tv_nsec / 1000;
}

int main(int argc, char **argv) {
  if (argc < 3) return 125;
  long life = atol(argv[1]);
  long long start = now();
  pid_t child = fork();
  if (child < 0) return 125;
  if (child == 0) {
    execv(argv[2], argv + 2);
    _exit(127);
  }
  if (life > 0) {
    struct timespec pause = {life / 1000000, life % 1000000 * 1000};
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
  }
  int status;
  if (waitpid(child, &status, 0) != child) return 125;
  printf("%lld %d\n", now() - start, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  return 0;
}
