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

int64_t rn_deviceFilters(int cgroup_, void *ids_, uint64_t count_) {
  RN_FAULT("deviceFilters");
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.query.target_fd = (uint32_t)cgroup_;
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = (uint64_t)(uintptr_t)ids_;
  attributes.query.prog_cnt = (uint32_t)count_;
  long result = syscall(SYS_bpf, BPF_PROG_QUERY, &attributes, sizeof attributes);
  return result < 0 ? rn_result(result) : (int64_t)attributes.query.prog_cnt;
}
