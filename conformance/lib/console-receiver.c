/*
 * console-receiver PATH [close]: a console socket, as an engine has one. Tells what came with its
 * first message and how many bytes follow, then writes what comes from the terminal, to its end.
 * With `close` it goes away as soon as somebody connects.
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

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc < 2 || strlen(argv[1]) >= sizeof address.sun_path) return 125;
  strcpy(address.sun_path, argv[1]);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 1) < 0)
    return 125;
  printf("listening\n");
  fflush(stdout);
  int client = accept(server, NULL, NULL);
  if (argc > 2) return 0;
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
  if (header == NULL) return 1;
  name[length] = 0;
  size_t fds = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  printf("%s %zu %zd\n", name, fds, read(client, &more, 1));
  fflush(stdout);
  copy(*(int *)CMSG_DATA(header), 1);
  return 0;
}
