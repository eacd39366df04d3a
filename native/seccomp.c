#include <seccomp.h>

#include "natives.h"

int64_t rn_seccompVersion(void) {
  const struct scmp_version *version = seccomp_version();
  return (int64_t)(version->major << 16 | version->minor << 8 | version->micro);
}
