/* Prints the description of the session keyring, as keyctl(2) KEYCTL_DESCRIBE has it. */
#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef KEY_SPEC_SESSION_KEYRING
#define KEY_SPEC_SESSION_KEYRING -3
#endif

int main(void) {
  char text[256];
  long length = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof text);
  if (length < 0) return perror("keyctl"), 1;
  puts(text);
  return 0;
}
