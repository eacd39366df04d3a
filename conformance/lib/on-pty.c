/*
 * on-pty ROWS COLUMNS PROGRAM ARGUMENTS: runs the program on a terminal of its own, as a terminal
 * emulator does. What comes in is typed, what the program shows goes out; SIGUSR1 makes the terminal
 * 50 by 132, SIGUSR2 keeps it from showing anything more, or lets it again. When the program stops,
 * the terminal gets its first modes back and the program goes on, as with a shell's `fg`. At the end
 * it tells the exit status and whether the terminal behaves as before.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

static int master;
static volatile sig_atomic_t shows = 1;

static void pause_or_go_on(int signal) {
  (void)signal;
  shows = !shows;
}

static void resize(int signal) {
  (void)signal;
  struct winsize size = {.ws_row = 50, .ws_col = 132};
  ioctl(master, TIOCSWINSZ, &size);
}

static int copy(int from, int to) {
  char data[4096];
  ssize_t length = read(from, data, sizeof data);
  for (ssize_t at = 0, sent; at < length; at += sent)
    if ((sent = write(to, data + at, (size_t)(length - at))) < 0) return 0;
  return length > 0;
}

int main(int argc, char **argv) {
  if (argc < 4) return 125;
  struct winsize size = {.ws_row = (unsigned short)atoi(argv[1]), .ws_col = (unsigned short)atoi(argv[2])};
  int slave;
  struct termios before, after;
  if (openpty(&master, &slave, NULL, NULL, &size) < 0) return 125;
  tcgetattr(slave, &before);
  pid_t child = fork();
  if (child == 0) {
    close(master);
    login_tty(slave);
    execvp(argv[3], argv + 3);
    _exit(127);
  }
  struct sigaction action = {.sa_handler = resize, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  action.sa_handler = pause_or_go_on;
  sigaction(SIGUSR2, &action, NULL);
  struct pollfd fds[] = {{.fd = 0, .events = POLLIN}, {.fd = master, .events = POLLIN}};
  int status = 0, ended = 0;
  while (!ended) {
    ended = waitpid(child, &status, WNOHANG | WUNTRACED) == child;
    if (ended && WIFSTOPPED(status)) {
      tcsetattr(slave, TCSANOW, &before);
      printf("\nstopped\n");
      fflush(stdout);
      kill(child, SIGCONT);
      ended = 0;
    }
    fds[1].fd = shows ? master : -1;
    if (poll(fds, 2, 20) <= 0) continue;
    if (fds[0].revents && !copy(0, master)) fds[0].fd = -1;
    if (fds[1].revents && !copy(master, 1)) break;
  }
  for (struct pollfd rest = fds[1]; poll(&rest, 1, 0) > 0 && copy(master, 1);) continue;
  if (!ended) waitpid(child, &status, 0);
  tcgetattr(slave, &after);
  int same = before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag &&
             before.c_cflag == after.c_cflag && before.c_lflag == after.c_lflag &&
             memcmp(before.c_cc, after.c_cc, sizeof before.c_cc) == 0;
  printf("\nstatus %d, terminal %s\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
         same ? "as before" : "changed");
  return 0;
}
