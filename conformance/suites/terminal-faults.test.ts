import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Finished, Running } from '../lib/call.js';
import type { Container } from '../lib/container.js';
import { staticEngine } from '../lib/engines.js';
import { type NativeCall, recordCalls } from '../lib/faults.js';
import { isAlive, processesWith } from '../lib/machine.js';
import { suite } from '../lib/suite.js';
import { badReport, forced, stillThere, sweep, sweepPatience } from '../lib/sweep.js';
import { consoleSocket, onPtyWords } from '../lib/terminals.js';
import { until } from '../lib/until.js';

const EIO = 5;

const echoing = (box: Box): Container =>
  box.container(({ process }) => {
    process.args = ['echo', 'works'];
    process.terminal = true;
    process.consoleSize = { height: 33, width: 101 };
  });

const sleeping = (box: Box): Container =>
  box.container(({ process }) => {
    process.args = ['sleep', '1000'];
  });

const ofRole = (calls: readonly NativeCall[], role: NativeCall['role'], atLeast: number) => {
  const own = calls.filter((call) => call.role === role);
  expect(own.length).toBeGreaterThan(atLeast);
  return own;
};

const count = (text: string, part: string): number => text.split(part).length - 1;

/** A create whose failing call did no harm has made a container that writes to its terminal. */
async function afterCreate(box: Box, made: Container, created: Finished, receiver: Running) {
  const before = count(receiver.stdout(), 'works');
  if (created.status !== 0) {
    const file = made.hasPidFile() ? ['left its pid file'] : [];
    return [...badReport(created), ...file, ...stillThere(box)];
  }
  const { status } = await made.start();
  await made.ended();
  // The failing call may have been init's last one.
  if (status === 0) await until('it has written', () => count(receiver.stdout(), 'works') > before);
  return forced(box, made);
}

/** What is wrong when a command has ended on a terminal of its own. */
function badEnd({ stdout }: Finished, text: string, failure: number): string[] {
  const worked = new RegExp(`${text}\\r*\\n\\nstatus 0, `).test(stdout);
  const told = stdout.includes(`\nstatus ${failure}, `) && /level=error msg=/.test(stdout);
  return [
    ...(stdout.endsWith('terminal as before\n') ? [] : ['the terminal is not as before']),
    ...(worked || told ? [] : [`said ${stdout}`]),
    ...(/TypeError|bug/.test(stdout) ? [`has a bug: ${stdout}`] : []),
  ];
}

/**
 * How often the relay waits differs from run to run, so that the calls after it have no numbers of
 * their own: its unit tests fail each of them.
 */
function untilRelay(calls: readonly NativeCall[], role: NativeCall['role']): NativeCall[] {
  const own = ofRole(calls, role, 20);
  const relay = own.findLastIndex(({ name }) => name === 'pidfdOpen');
  return role === 'parent' ? own.slice(0, relay + 2) : own;
}

suite(
  'a native call that fails with a terminal',
  ({ it }) => {
    for (const role of ['parent', 'child'] as const) {
      it(
        `in the ${role} of create leaves nothing, or a container that works`,
        async (box) => {
          const made = echoing(box);
          const { path, receiver } = await consoleSocket(box, 'each');
          const args = made.words('create', '--console-socket', path);
          // Without a state root there would be some calls more.
          box.folderFor('state');
          const { calls } = await recordCalls(box, args);
          expect(await forced(box, made)).toEqual([]);
          const complaints = await sweep({
            ...{ box, args, calls: ofRole(calls(), role, 50), errors: [EIO] },
            prepare: async () => rmSync(made.pidFile, { force: true }),
            look: (created) => afterCreate(box, made, created, receiver),
          });
          receiver.child.kill();
          await receiver.ended();
          expect(complaints).toEqual([]);
        },
        sweepPatience,
      );

      it(
        `in the ${role} of a run in the foreground leaves nothing, and the terminal as before`,
        async (box) => {
          const made = echoing(box);
          const args = made.words('run');
          box.folderFor('state');
          const { finished, calls } = await recordCalls(box, args, onPtyWords);
          expect(finished.stdout).toBe('works\r\n\nstatus 0, terminal as before\n');
          const complaints = await sweep({
            ...{ box, args, calls: untilRelay(calls(), role), errors: [EIO] },
            through: onPtyWords,
            prepare: async () => {},
            look: async (ended) => [...badEnd(ended, 'works', 1), ...(await forced(box, made))],
          });
          expect(complaints).toEqual([]);
        },
        sweepPatience,
      );

      it(
        `in the ${role} of exec leaves the container alone, and the terminal as before`,
        async (box) => {
          const made = sleeping(box);
          await made.started();
          const pidFile = join(made.bundle, 'pid-file');
          const args = made.execWords(['--tty', '--pid-file', pidFile], 'echo', 'done');
          const { finished, calls } = await recordCalls(box, args, onPtyWords);
          expect(finished.stdout).toBe('done\r\n\nstatus 0, terminal as before\n');
          const others = () => processesWith(`${made.cgroup}\n`).filter((pid) => pid !== made.pid);
          const complaints = await sweep({
            ...{ box, args, calls: untilRelay(calls(), role), errors: [EIO] },
            through: onPtyWords,
            prepare: async () => rmSync(pidFile, { force: true }),
            look: async (ended) => {
              await until('nobody else is in the container', () => others().length === 0);
              const worked = ended.stdout.includes('done');
              const file = !worked && existsSync(pidFile) ? ['left its pid file'] : [];
              const alive = isAlive(made.pid) ? [] : ['the container has died'];
              return [...badEnd(ended, 'done', 255), ...file, ...alive];
            },
          });
          expect(complaints).toEqual([]);
        },
        sweepPatience,
      );
    }
  },
  [staticEngine],
);
