/*
 * pidfd-receiver PATH: a stream socket; tells which bytes and which process came with its first message,
 * then how many bytes follow.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int pid_of(int fd) {
  char path[64], text[1024];
  int pid = 0;
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  int info = open(path, O_RDONLY);
  ssize_t length = read(info, text, sizeof text - 1);
  text[length < 0 ? 0 : length] = 0;
  char *line = strstr(text, "\nPid:");
  if (line != NULL) sscanf(line, "\nPid:%d", &pid);
  return pid;
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) return 125;
  strcpy(address.sun_path, argv[1]);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 1) < 0)
    return 125;
  printf("listening\n");
  fflush(stdout);
  int client = accept(server, NULL, NULL);
  char data[64];
  union {
    char bytes[CMSG_SPACE(4 * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec part = {data, sizeof data};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t length = recvmsg(client, &message, 0);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  int pid = 0;
  if (header != NULL && header->cmsg_len == CMSG_LEN(sizeof(int)))
    pid = pid_of(*(int *)CMSG_DATA(header));
  printf("%.*s %d\n%zd\n", (int)length, data, pid, read(client, control.bytes, 1));
  return 0;
}
