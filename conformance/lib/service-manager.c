/*
 * service-manager NAME [hold]: a datagram socket at a path, or, with @, in the abstract namespace.
 * Tells each message with the number of descriptors that came with it; these are closed at once, or,
 * with hold, when SIGUSR1 comes.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int held[16], count;

static void let_go(int signal) {
  (void)signal;
  while (count > 0) close(held[--count]);
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc < 2 || strlen(argv[1]) >= sizeof address.sun_path) return 125;
  strcpy(address.sun_path, argv[1]);
  if (argv[1][0] == '@') address.sun_path[0] = 0;
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(argv[1]));
  int server = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (bind(server, (struct sockaddr *)&address, length) < 0) return 125;
  struct sigaction action = {.sa_handler = let_go};
  sigaction(SIGUSR1, &action, NULL);
  printf("listening\n");
  fflush(stdout);
  for (;;) {
    char data[4096];
    union {
      char bytes[CMSG_SPACE(4 * sizeof(int))];
      struct cmsghdr align;
    } control;
    struct iovec part = {data, sizeof data};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(server, &message, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return 125;
    int fds = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h != NULL; h = CMSG_NXTHDR(&message, h)) {
      fds = (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      memcpy(held + count, CMSG_DATA(h), (size_t)fds * sizeof(int));
      count += fds;
    }
    for (ssize_t i = 0; i < got; i++)
      if (data[i] == '\n') data[i] = '|';
    printf("%.*s %d\n", (int)got, data, fds);
    fflush(stdout);
    if (argc == 2) let_go(0);
  }
}
