/*
 * What Debian's libseccomp.a was compiled against and musl does not have: the fortified name of
 * fprintf(3), of the Linux Standard Base. Only its dump of a filter as text calls it.
 */
#include <stdarg.h>
#include <stdio.h>

int __fprintf_chk(FILE *stream, int flag, const char *format, ...) {
  va_list arguments;
  (void)flag;
  va_start(arguments, format);
  int length = vfprintf(stream, format, arguments);
  va_end(arguments);
  return length;
}
