import { actionNumber, type KnownCalls, type Profile } from './describe.js';

/** Below it are libseccomp's stand-ins for calls that other architectures have. */
const STAND_INS = -10_000;
const UNKNOWN = -1;

const isMissing = (number: number): boolean => number === UNKNOWN || number <= STAND_INS;

const listed = (names: readonly string[]): string => [...new Set(names)].join(', ');

/** On how many architectures a name stands for nothing: a loop, for there are a thousand of them. */
function missingOn(known: readonly KnownCalls[], name: number): number {
  let count = 0;
  for (let i = 0; i < known.length; i++) if (isMissing(known[i]!.numbers[name]!)) count++;
  return count;
}

function missing(names: readonly string[], known: readonly KnownCalls[]): string[] {
  const nowhere: string[] = [];
  const somewhere: string[] = [];
  for (let i = 0; i < names.length; i++) {
    const count = missingOn(known, i);
    if (count === known.length) nowhere.push(names[i]!);
    else if (count > 0) somewhere.push(names[i]!);
  }
  return [
    ...(nowhere.length > 0 ? [`seccomp: unknown system calls skipped: ${listed(nowhere)}`] : []),
    ...(somewhere.length > 0
      ? [`seccomp: not on every architecture of the profile: ${listed(somewhere)}`]
      : []),
  ];
}

/** config-linux.md#seccomp: a rule that does what happens anyway is dropped. */
function idle({ defaultAction, defaultErrnoRet, syscalls = [] }: Profile): string[] {
  const whole = actionNumber(defaultAction, defaultErrnoRet);
  return syscalls.flatMap(({ action, errnoRet }, i) =>
    actionNumber(action, errnoRet) === whole
      ? [`seccomp: /linux/seccomp/syscalls/${i} dropped: its action is the default one`]
      : [],
  );
}

/** What a compilation has left out, for the debug log: a line each. */
export const remarksOn = (
  profile: Profile,
  names: readonly string[],
  known: readonly KnownCalls[],
): string => [...missing(names, known), ...idle(profile)].join('\n');
