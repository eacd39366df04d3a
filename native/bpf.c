/* Device filters of cgroup v2, bpf(2). */
#include <linux/bpf.h>
#include <string.h>

#include "natives.h"

int64_t rn_loadDeviceFilter(const void *instructions_, uint64_t count_) {
  RN_FAULT("loadDeviceFilter");
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.expected_attach_type = BPF_CGROUP_DEVICE;
  attributes.insns = (uint64_t)(uintptr_t)instructions_;
  attributes.insn_cnt = (uint32_t)count_;
  attributes.license = (uint64_t)(uintptr_t) "Apache-2.0";
  memcpy(attributes.prog_name, "runts_devices", sizeof "runts_devices");
  return rn_result(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes));
}
