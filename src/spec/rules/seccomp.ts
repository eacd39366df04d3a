import type { LinuxSeccompAction } from '../../generated/spec-types.js';
import type { Complaint } from '../complaint.js';
import { each, fine, type Rule, wrong } from './rule.js';

const section = 'config-linux.md#seccomp';

const notify = 'SCMP_ACT_NOTIFY';
/** Those that hand the listener over, and tell of what failed, before anybody can decide. */
const undecidable: readonly string[] = ['sendmsg', 'write'];
/** What the kernel makes an errno of, seccomp(2); a tracer takes 16 bits. */
const largest: Readonly<Partial<Record<LinuxSeccompAction, number>>> = {
  SCMP_ACT_ERRNO: 4095,
  SCMP_ACT_TRACE: 65_535,
};
const errnoAllowed = `nothing, or an action of ${Object.keys(largest).join(', ')}`;
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

const notifiedDefault: Rule = ({ linux }) =>
  linux?.seccomp?.defaultAction === notify
    ? wrong(
        '/linux/seccomp/defaultAction',
        notify,
        'any other action, since init makes calls before somebody decides about them',
        section,
        `${notify} cannot be used as default action`,
      )
    : fine;

const notifiedNames: Rule = ({ linux }) =>
  each(linux?.seccomp?.syscalls, ({ names, action }, i) =>
    action === notify
      ? each(names, (name, j) =>
          undecidable.includes(name)
            ? wrong(
                `/linux/seccomp/syscalls/${i}/names/${j}`,
                name,
                `any system call but ${undecidable.join(', ')}`,
                section,
                `${notify} cannot be used for the ${name} syscall`,
              )
            : fine,
        )
      : fine,
  );

function errnoComplaint(
  at: string,
  action: LinuxSeccompAction | undefined,
  number: number | undefined,
): readonly Complaint[] {
  if (number === undefined || action === undefined) return fine;
  const most = largest[action];
  if (most === undefined) return wrong(at, number, errnoAllowed, section);
  return number <= most ? fine : wrong(at, number, `0 to ${most}`, section);
}

const defaultErrno: Rule = ({ linux }) => {
  const { defaultAction, defaultErrnoRet } = linux?.seccomp ?? {};
  return errnoComplaint('/linux/seccomp/defaultErrnoRet', defaultAction, defaultErrnoRet);
};

const errnos: Rule = ({ linux }) =>
  each(linux?.seccomp?.syscalls, ({ action, errnoRet }, i) =>
    errnoComplaint(`/linux/seccomp/syscalls/${i}/errnoRet`, action, errnoRet),
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
  notifiedDefault,
  notifiedNames,
  defaultErrno,
  errnos,
  argumentIndexes,
];
