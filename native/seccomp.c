/* Filters of system calls, made by libseccomp: seccomp_rule_add(3). */
#include <seccomp.h>
#include <string.h>

#include "natives.h"

int64_t rn_seccompVersion(void) {
  const struct scmp_version *version = seccomp_version();
  return (int64_t)(version->major << 16 | version->minor << 8 | version->micro);
}

enum { ARCHITECTURES = 24, CONDITIONS = 6 };

/* Both are written and read by src/seccomp/describe.ts; keep them in step. */
struct description {
  uint32_t action;        /* for every call without a rule */
  uint32_t optimization;  /* SCMP_FLTATR_CTL_OPTIMIZE */
  uint32_t architectures; /* beside the machine's own */
  uint32_t names;         /* of all rules together */
  uint32_t rules;
  uint32_t texts; /* where they begin: the names of architectures, then those of system calls */
};
struct rule {
  uint32_t action, names, conditions;
};
struct condition {
  uint32_t index, operator;
  uint64_t value, second;
};
enum stage { DEFAULT = 0, ARCHITECTURE = 1, RULE = 2, EXPORT = 3 };
struct report {
  uint32_t stage;
  uint32_t index; /* of the architecture or rule that was the last to be looked at */
  uint32_t architectures;
  uint32_t tokens[ARCHITECTURES];
  int32_t numbers[]; /* for each architecture, those of all names, as libseccomp has them */
};

static const char *next(const char **texts) {
  const char *text = *texts;
  *texts += strlen(text) + 1;
  return text;
}

/* The machine's own architecture comes first. */
static int add_architectures(scmp_filter_ctx filter, const struct description *description,
                             const char **texts, struct report *report) {
  report->stage = ARCHITECTURE;
  report->tokens[report->architectures++] = seccomp_arch_native();
  for (uint32_t i = 0; i < description->architectures; i++) {
    report->index = i;
    uint32_t token = seccomp_arch_resolve_name(next(texts));
    int result = token == 0 ? -EINVAL : seccomp_arch_add(filter, token);
    if (result == -EEXIST) continue;
    if (result < 0) return result;
    if (report->architectures == ARCHITECTURES) return -E2BIG;
    report->tokens[report->architectures++] = token;
  }
  return 0;
}

static int add_rule(scmp_filter_ctx filter, const struct rule *rule, const char *name) {
  struct scmp_arg_cmp compare[CONDITIONS];
  const unsigned char *from = (const unsigned char *)(rule + 1);
  for (uint32_t i = 0; i < rule->conditions; i++) {
    struct condition c;
    memcpy(&c, from + i * sizeof c, sizeof c);
    compare[i] = (struct scmp_arg_cmp){c.index, (enum scmp_compare)c.operator, c.value, c.second};
  }
  int number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) return 0;
  return seccomp_rule_add_array(filter, rule->action, number, rule->conditions, compare);
}

static int add_rules(scmp_filter_ctx filter, const struct description *description,
                     const char **texts, struct report *report) {
  const unsigned char *at = (const unsigned char *)(description + 1);
  uint32_t count = 0;
  report->stage = RULE;
  for (uint32_t i = 0; i < description->rules; i++) {
    const struct rule *rule = (const void *)at;
    if (rule->conditions > CONDITIONS) return -E2BIG;
    report->index = i;
    for (uint32_t n = 0; n < rule->names; n++) {
      const char *name = next(texts);
      for (uint32_t a = 0; a < report->architectures; a++)
        report->numbers[a * description->names + count] =
            seccomp_syscall_resolve_name_arch(report->tokens[a], name);
      count++;
      if (rule->action == description->action) continue;
      int result = add_rule(filter, rule, name);
      if (result < 0) return result;
    }
    at += sizeof *rule + rule->conditions * sizeof(struct condition);
  }
  return 0;
}

int64_t rn_compileSeccomp(const void *bytes, uint64_t length, void *out, uint64_t size, int fd) {
  RN_FAULT("compileSeccomp");
  const struct description *description = bytes;
  struct report *report = out;
  if (length < sizeof *description || size < sizeof *report) return -EINVAL;
  memset(report, 0, sizeof *report);
  const char *texts = (const char *)bytes + description->texts;
  scmp_filter_ctx filter = seccomp_init(description->action);
  if (filter == NULL) return -EINVAL;
  int result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, description->optimization);
  if (result == 0) result = add_architectures(filter, description, &texts, report);
  if (result == 0) result = add_rules(filter, description, &texts, report);
  if (result == 0) {
    report->stage = EXPORT;
    result = seccomp_export_bpf(filter, fd);
  }
  seccomp_release(filter);
  return result;
}
