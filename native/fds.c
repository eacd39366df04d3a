/* Messages that carry descriptors, unix(7) SCM_RIGHTS. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>

#include "natives.h"

enum { MOST = 64 };

union control {
  struct cmsghdr header;
  char space[CMSG_SPACE(MOST * sizeof(int))];
};

int64_t rn_sendFds(int socket, const void *data, uint64_t length, const void *fds, uint64_t count) {
  RN_FAULT("sendFds");
  if (count > MOST) return -EINVAL;
  union control control;
  struct iovec part = {(void *)(uintptr_t)data, (size_t)length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.space;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return rn_result(sent);
}

int64_t rn_recvFds(int socket, void *data, uint64_t length, void *fds, uint64_t count) {
  RN_FAULT("recvFds");
  if (count > MOST) return -EINVAL;
  union control control;
  struct iovec part = {data, (size_t)length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space,
                           .msg_controllen = CMSG_SPACE(count * sizeof(int))};
  ssize_t got;
  do got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0) return -(int64_t)errno;
  int32_t *out = fds, received = 0;
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h != NULL; h = CMSG_NXTHDR(&message, h)) {
    if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
    int32_t many = (int32_t)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(out + 1 + received, CMSG_DATA(h), (size_t)many * sizeof(int));
    received += many;
  }
  out[0] = received;
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
    for (int32_t i = 0; i < received; i++) close(out[1 + i]);
    out[0] = 0;
    return -EMSGSIZE;
  }
  return got;
}
