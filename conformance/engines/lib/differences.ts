import { readFileSync } from 'node:fs';
import type { Difference } from './case.js';

/** execve(2) answers ENOENT for these, though the file is there. */
const noInterpreter = [
  ['a script whose interpreter is missing', '/odd/no-interpreter'],
  ['a script with Windows line ends', '/odd/crlf'],
  ['a program whose loader is missing', '/odd/no-loader'],
] as const;

/** And ENOEXEC for these. */
const noProgram = [
  ['a text without #!', '/odd/no-shebang'],
  ['an empty file', '/odd/empty'],
  ['a program for another machine', '/odd/other-machine'],
] as const;

const heardByStart =
  'start hears from execve(2) itself that it has failed, so the engine tells it; with runc, start has ' +
  'succeeded by then, the status is that of a container that has ended, and only its log says why';

type Row = readonly [what: string, path: string];

const words = (engine: string, verb: string, rows: readonly Row[]): Difference[] =>
  rows.map(([what, path]) => ({
    engine,
    name: `${verb} of ${what}`,
    fact: 'said',
    runts: new RegExp(`^exec: "${path}": `),
    runc: new RegExp(`^exec ${path}: `),
    why: heardByStart,
  }));

const directory = (engine: string, verb: string): Difference => ({
  engine,
  name: `${verb} of a directory`,
  fact: 'said',
  runts: 'exec: "/etc": is a directory: permission denied',
  runc: 'exec: "/etc": permission denied',
  why: 'it names the cause; some engines know the words of runc 1.1, some those of later ones',
});

/** Status and words of a command that is found, but that the kernel does not take. */
const notTaken = (engine: string, verb: string, rows: readonly Row[], ours: number) => [
  ...words(engine, verb, rows),
  ...rows.map(([what]) => ({
    engine,
    name: `${verb} of ${what}`,
    fact: 'status',
    runts: ours,
    runc: 1,
    why: heardByStart,
  })),
];

const withoutSysResource = {
  text: 'on a host without CAP_SYS_RESOURCE',
  isHere: lacksSysResource,
};

/** In what runts differs from runc, as engines show it, and why. docs/engines.md has it as a table. */
export const differences: readonly Difference[] = [
  ...notTaken('Docker', 'docker run', noInterpreter, 127),
  ...notTaken('Docker', 'docker run', noProgram, 125),
  ...notTaken('Docker', 'docker exec', noInterpreter, 126),
  ...notTaken('Docker', 'docker exec', noProgram, 126),
  directory('Docker', 'docker run'),
  directory('Docker', 'docker exec'),
  ...words('containerd', 'ctr run', [...noInterpreter, ...noProgram]),
  directory('containerd', 'ctr run'),
  ...['status', 'output'].map((fact) => ({
    engine: 'Docker',
    name: 'docker run --privileged lifts all of it',
    fact,
    runts: fact === 'status' ? 0 : /Seccomp:/,
    runc: fact === 'status' ? 125 : '',
    why: 'all capabilities are asked for, and runc 1.1 fails if the host has one less; runts gives those that there are',
    where: withoutSysResource,
  })),
];

/** `here`: only those that this host shows. */
export const differencesOf = (engine: string, here = true): readonly Difference[] =>
  differences.filter(
    (row) => row.engine === engine && (!here || row.where === undefined || row.where.isHere()),
  );

/** capabilities(7): bit 24 of the bounding set. */
function lacksSysResource(): boolean {
  const [, bounding = '0'] =
    /^CapBnd:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return (BigInt(`0x${bounding}`) & (1n << 24n)) === 0n;
}
