/* One call for what would be a step for each of some forty capabilities. */
#include <sys/prctl.h>

#include "natives.h"

int64_t rn_dropBounding(uint64_t low, uint64_t high) {
  RN_FAULT("dropBounding");
  uint64_t keep = (high & 0xffffffffu) << 32 | (low & 0xffffffffu);
  for (unsigned long capability = 0; capability < 64; capability++) {
    if (keep >> capability & 1) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    /* capabilities(7): EINVAL is one past the last that this kernel has. */
    return errno == EINVAL && capability > 0 ? 0 : -(int64_t)errno;
  }
  return 0;
}
