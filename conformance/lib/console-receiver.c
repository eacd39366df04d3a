/*
 * console-receiver PATH [close|each]: a console socket, as an engine has one. Tells what came with
 * its first message and how many bytes follow, then writes what comes from the terminal, to its end.
 * With `close` it goes away as soon as somebody connects; with `each` it says `hung up` then, and
 * waits for the next.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void copy(int from, int to) {
  char data[65536];
  ssize_t length;
  while ((length = read(from, data, sizeof data)) > 0)
    for (ssize_t at = 0, sent; at < length; at += sent)
      if ((sent = write(to, data + at, (size_t)(length - at))) < 0) return;
}

/* Tells what came, then writes what comes from the terminal; false if nothing came. */
static int take(int client) {
  char name[4096], more;
  union {
    char bytes[CMSG_SPACE(8 * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec part = {name, sizeof name - 1};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t length = recvmsg(client, &message, 0);
  struct cmsghdr *header = length < 0 ? NULL : CMSG_FIRSTHDR(&message);
  if (header == NULL) return 0;
  name[length] = 0;
  size_t fds = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  printf("%s %zu %zd\n", name, fds, read(client, &more, 1));
  fflush(stdout);
  int terminal = *(int *)CMSG_DATA(header);
  copy(terminal, 1);
  close(terminal);
  return 1;
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc < 2 || strlen(argv[1]) >= sizeof address.sun_path) return 125;
  strcpy(address.sun_path, argv[1]);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 1) < 0)
    return 125;
  printf("listening\n");
  fflush(stdout);
  const char *mode = argc > 2 ? argv[2] : "";
  for (;;) {
    int client = accept(server, NULL, NULL);
    if (strcmp(mode, "close") == 0) return 0;
    int taken = take(client);
    close(client);
    if (strcmp(mode, "each") != 0) return !taken;
    printf("hung up\n");
    fflush(stdout);
  }
}
