/*
 * Makes one system call and prints its result, negative for an errno.
 * Usage: call-kernel [native|x32|i386] NUMBER [ARGUMENT…]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define X32 0x40000000L

static long with(const char *way, const long *a) {
#ifdef __x86_64__
  if (strcmp(way, "i386") == 0) {
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(a[0]), "b"(a[1]), "c"(a[2]), "d"(a[3]), "S"(a[4]), "D"(a[5])
                     : "memory");
    return (int)result;
  }
#endif
  long number = strcmp(way, "x32") == 0 ? a[0] | X32 : a[0];
  long result = syscall(number, a[1], a[2], a[3], a[4], a[5], a[6]);
  return result == -1 ? -errno : result;
}

int main(int count, char **words) {
  long arguments[7] = {0};
  if (count < 3) return 2;
  for (int i = 2; i < count && i < 9; i++)
    arguments[i - 2] = (long)strtoull(words[i], NULL, 0);
  printf("%ld\n", with(words[1], arguments));
  return 0;
}
