/* sd-notify MESSAGE…: sends each to NOTIFY_SOCKET; backslash n is a newline. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const char *path = getenv("NOTIFY_SOCKET");
  if (path == NULL || strlen(path) >= sizeof address.sun_path) return 1;
  strcpy(address.sun_path, path);
  int client = socket(AF_UNIX, SOCK_DGRAM, 0);
  for (int i = 1; i < argc; i++) {
    char text[1024], *to = text;
    for (const char *from = argv[i]; *from != 0 && to < text + sizeof text; from++)
      if (from[0] == '\\' && from[1] == 'n') *to++ = '\n', from++;
      else *to++ = *from;
    if (sendto(client, text, (size_t)(to - text), 0, (struct sockaddr *)&address, sizeof address) < 0) {
      perror("sd-notify");
      return 1;
    }
  }
  return 0;
}
