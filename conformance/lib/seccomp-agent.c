/*
 * Decides about the system calls of one container, seccomp_unotify(2). Usage: seccomp-agent SOCKET
 * Prints "listening", the state that it is sent, "closed" when that connection ends, "notified N"
 * for each call, which it lets answer 4242, and "gone" when no process is left.
 */
#define _GNU_SOURCE
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static _Noreturn void die(const char *what) {
  perror(what);
  exit(1);
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
  if (listen(fd, 1) < 0) die("listen");
  return fd;
}

/* The whole state, and the descriptor that came with its beginning. */
static int receive(int connection) {
  static char text[65536];
  size_t length = 0;
  int listener = -1;
  for (;;) {
    char control[CMSG_SPACE(4 * sizeof(int))];
    struct iovec part = {text + length, sizeof text - length - 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    if (got < 0) die("recvmsg");
    if (got == 0) break;
    length += (size_t)got;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS)
      memcpy(&listener, CMSG_DATA(header), sizeof listener);
  }
  printf("%s\nclosed\n", text);
  return listener;
}

static void decide(int listener) {
  struct seccomp_notif asked;
  struct seccomp_notif_resp answer;
  memset(&asked, 0, sizeof asked);
  memset(&answer, 0, sizeof answer);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0) return;
  printf("notified %d\n", asked.data.nr);
  answer.id = asked.id;
  answer.val = 4242;
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

int main(int count, char **words) {
  if (count != 2) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  int socket = listen_at(words[1]);
  puts("listening");
  int connection = accept(socket, NULL, NULL);
  int listener = receive(connection);
  if (listener < 0) return puts("no descriptor"), 1;
  struct pollfd polled = {.fd = listener, .events = POLLIN};
  while (poll(&polled, 1, -1) > 0) {
    if (polled.revents & POLLIN) decide(listener);
    else return puts("gone"), 0;
  }
  return 1;
}
