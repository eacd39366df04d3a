import { readFileSync } from 'node:fs';
import type { Difference } from './case.js';
import { type Odd, oddCommands } from './odd-commands.js';

const heardByStart =
  'start hears from execve(2) itself that it has failed, so the engine tells it; with runc, start has ' +
  'succeeded by then, and the status is that of a container that has ended';

const namesTheCause = 'runts looks at the file and says what is wrong with it';

/** What runts says of commands that cannot run. */
const words = (engine: string, verb: string): Difference[] =>
  oddCommands.flatMap(({ what, command, cause }) =>
    cause === undefined
      ? []
      : {
          engine,
          name: `${verb} of ${what}`,
          fact: 'said',
          runts: cause,
          runc: new RegExp(`^exec:? "?${command[0]}"?: [\\w ]+$`),
          why: namesTheCause,
        },
  );

/** With runc, the status of a command that is found but that the kernel does not take is always 1. */
const statuses = (engine: string, verb: string, ours: (odd: Odd) => number): Difference[] =>
  oddCommands.flatMap((odd) =>
    odd.error === undefined
      ? []
      : {
          engine,
          name: `${verb} of ${odd.what}`,
          fact: 'status',
          runts: ours(odd),
          runc: 1,
          why: heardByStart,
        },
  );

const podman = ['Podman as root', 'Podman as an ordinary user'];

const withoutSysResource = {
  text: 'on a host without CAP_SYS_RESOURCE',
  isHere: lacksSysResource,
};

const privileged = {
  engine: 'Docker',
  name: 'docker run --privileged lifts all of it',
  why: 'all capabilities are asked for, and runc 1.1 fails if the host has one less; runts gives those that there are',
  where: withoutSysResource,
};

/** In what runts differs from runc, as engines show it, and why. docs/engines.md has it as a table. */
export const differences: readonly Difference[] = [
  ...statuses('Docker', 'docker run', ({ status }) => status),
  ...statuses('Docker', 'docker exec', ({ exec }) => exec),
  ...words('Docker', 'docker run'),
  ...words('Docker', 'docker exec'),
  { ...privileged, fact: 'status', runts: 0, runc: 125 },
  { ...privileged, fact: 'output', runts: /Seccomp:/, runc: '' },
  ...words('containerd', 'ctr run'),
  ...podman.flatMap((engine) => [
    ...statuses(engine, 'podman run', () => 126),
    ...statuses(engine, 'podman exec', ({ error }) => (error === 'ENOENT' ? 127 : 255)),
    ...words(engine, 'podman run'),
    ...words(engine, 'podman exec'),
  ]),
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
