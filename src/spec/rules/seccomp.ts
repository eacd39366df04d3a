import type { LinuxSeccompAction } from '../../generated/spec-types.js';
import { each, fine, type Rule, wrong } from './rule.js';

const section = 'config-linux.md#seccomp';

/** seccomp(2): only these actions carry a number. */
const withErrno: readonly LinuxSeccompAction[] = ['SCMP_ACT_ERRNO', 'SCMP_ACT_TRACE'];
const notify = 'SCMP_ACT_NOTIFY';
const errnoAllowed = `nothing, or an action of ${withErrno.join(', ')}`;
/** A system call has six arguments, syscall(2). */
const lastArgument = 5;

const metadata: Rule = ({ linux }) => {
  const { listenerMetadata, listenerPath } = linux?.seccomp ?? {};
  if (!listenerMetadata || listenerPath) return fine;
  const at = '/linux/seccomp/listenerMetadata';
  return wrong(at, listenerMetadata, 'nothing, or a listenerPath with it', section);
};

const listener: Rule = ({ linux }) => {
  const { defaultAction, syscalls = [], listenerPath = '' } = linux?.seccomp ?? {};
  const notifies = syscalls.some(({ action }) => action === notify) || defaultAction === notify;
  if (!notifies || listenerPath.startsWith('/')) return fine;
  const allowed = `the absolute path of a socket, since ${notify} is used`;
  return wrong('/linux/seccomp/listenerPath', listenerPath, allowed, section);
};

const defaultErrno: Rule = ({ linux }) => {
  const { defaultAction, defaultErrnoRet } = linux?.seccomp ?? {};
  if (defaultErrnoRet === undefined || withErrno.includes(defaultAction!)) return fine;
  return wrong('/linux/seccomp/defaultErrnoRet', defaultErrnoRet, errnoAllowed, section);
};

const errnos: Rule = ({ linux }) =>
  each(linux?.seccomp?.syscalls, ({ action, errnoRet }, i) =>
    errnoRet === undefined || withErrno.includes(action)
      ? fine
      : wrong(`/linux/seccomp/syscalls/${i}/errnoRet`, errnoRet, errnoAllowed, section),
  );

const argumentIndexes: Rule = ({ linux }) =>
  each(linux?.seccomp?.syscalls, ({ args }, i) =>
    each(args, ({ index }, j) =>
      index <= lastArgument
        ? fine
        : wrong(
            `/linux/seccomp/syscalls/${i}/args/${j}/index`,
            index,
            `0 to ${lastArgument}`,
            section,
          ),
    ),
  );

export const seccompRules: readonly Rule[] = [
  metadata,
  listener,
  defaultErrno,
  errnos,
  argumentIndexes,
];
