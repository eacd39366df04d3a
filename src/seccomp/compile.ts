import { RuntimeError } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { readAll } from '../host/io.js';
import { BPF_MAXINSNS, MFD_CLOEXEC, SEEK_SET } from '../linux/constants.js';
import { errno, errnoName } from '../linux/errno.js';
import {
  actionNumber,
  type Description,
  describe,
  type Profile,
  type Report,
  readReport,
} from './describe.js';
import { answerNewer, INSTRUCTION } from './enosys.js';
import type { Compiled } from './entry.js';
import { remarksOn } from './remarks.js';

const section = '/linux/seccomp';

/** Where libseccomp's errno says too little: of seccomp_arch_add(3) and seccomp_rule_add(3). */
const reasons: Readonly<Record<number, string>> = {
  [errno.EEXIST]: 'another rule with the same conditions has another action',
  [errno.EDOM]: 'its byte order is not that of this machine',
};

const places: Readonly<
  Record<Report['stage'], (d: Description, index: number) => readonly [what: string, at: string]>
> = {
  default: () => ['default action', `${section}/defaultAction`],
  architecture: (_, index) => ['architecture', `${section}/architectures/${index}`],
  rule: ({ entries }, index) => ['rule', `${section}/syscalls/${entries[index]}`],
  export: () => ['program', section],
};

function refusal(description: Description, { stage, index }: Report, code: number): RuntimeError {
  const [what, at] = places[stage](description, index);
  const why = reasons[code] ?? `this libseccomp, or the kernel, does not take it`;
  const message = `seccomp ${what}: ${why} (${errnoName(code)})`;
  return new RuntimeError('not-supported', message, { at });
}

function checkLength(program: Uint8Array): void {
  const length = program.length / INSTRUCTION;
  if (length <= BPF_MAXINSNS) return;
  const message = `the filter has ${length} instructions; the kernel takes ${BPF_MAXINSNS}`;
  throw new RuntimeError('invalid-config', message, { at: section });
}

/** libseccomp writes to a file, so it is given one in memory. */
export function compile(context: Context, profile: Profile): Compiled {
  const { engine, raw, sys } = context.host;
  const description = describe(profile, engine.encode);
  const { bytes, names } = description;
  const matrix = new Uint8Array(description.reportSize);
  using memory = new Fd(context, sys.memfdCreate('seccomp', MFD_CLOEXEC));
  const result = raw.compileSeccomp(bytes, bytes.length, matrix, matrix.length, memory.number);
  const report = readReport(matrix, names.length);
  if (result < 0) throw refusal(description, report, -result);
  sys.lseek(memory.number, 0, SEEK_SET);
  const rules = readAll(context, memory.number);
  const action = actionNumber(profile.defaultAction, profile.defaultErrnoRet);
  const first = answerNewer(action, report.architectures);
  const program = new Uint8Array(first.length + rules.length);
  program.set(first);
  program.set(rules, first.length);
  checkLength(program);
  return { program, remarks: remarksOn(profile, names, report.architectures) };
}
