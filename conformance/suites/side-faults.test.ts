import { copyFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { type Finished, startCall } from '../lib/call.js';
import type { Container } from '../lib/container.js';
import { staticEngine } from '../lib/engines.js';
import { type NativeCall, recordCalls } from '../lib/faults.js';
import { helper } from '../lib/helpers.js';
import { isAlive, processesWith } from '../lib/machine.js';
import { suite } from '../lib/suite.js';
import { badReport, forced, stillThere, sweep, sweepPatience } from '../lib/sweep.js';
import { until } from '../lib/until.js';

const EIO = 5;

const telling = (box: Box): Container =>
  box.container(({ process }, { rootfs }) => {
    process.args = ['sh', '-c', 'echo works; sd-notify READY=1; true'];
    copyFileSync(helper('sd-notify'), join(rootfs, 'bin/sd-notify'));
  });

/** A manager that listens, and the command of one whom it is to be told about. */
async function managed(box: Box, what: string) {
  // A path in the box would be something that is left of it.
  const name = `@runts-test-${process.pid}-${what}`;
  const manager = startCall(box.folder, [helper('service-manager'), name]);
  await until('the manager listens', () => manager.stdout() === 'listening\n');
  const through = (words: readonly string[]) => ['env', `NOTIFY_SOCKET=${name}`, ...words];
  return { env: { NOTIFY_SOCKET: name }, through, manager };
}

const ofParent = (calls: readonly NativeCall[]) => calls.filter(({ role }) => role === 'parent');

/** All from the sixth call before the first of a name, which nothing else of the command makes. */
const from = (calls: readonly NativeCall[], name: string): NativeCall[] => {
  const own = ofParent(calls);
  const at = own.findIndex((call) => call.name === name);
  expect(at).toBeGreaterThan(0);
  return own.slice(Math.max(at - 6, 0));
};

/** Whoever fails after the start has run it, and may have written what it writes. */
const failed = (finished: Finished) => badReport({ ...finished, stdout: '' });

/** It has worked, whoever was told of it, or nothing is left. */
async function afterRun(box: Box, made: Container, run: Finished): Promise<string[]> {
  if (run.status !== 0) return [...failed(run), ...stillThere(box)];
  await made.ended();
  const output = run.running.stdout() === 'works\n' ? [] : ['did not work'];
  return [...output, ...(await forced(box, made))];
}

/** Whoever connects is heard and forgotten. */
function listeningAt(box: Box): string {
  const path = join(box.folder, 'pidfds');
  createServer((connection) => void connection.on('error', () => {}).resume())
    .listen(path)
    .unref();
  return path;
}

/** The calls around those of a pidfd socket: its connection, and the message. */
const aroundPidfd = (calls: readonly NativeCall[]): NativeCall[] => {
  const own = ofParent(calls);
  const near = (i: number) => own.slice(Math.max(i - 3, 0), i + 4);
  return own.filter((_, i) =>
    near(i).some(({ name }) => name === 'pidfdOpen' || name === 'connect'),
  );
};

suite(
  'a native call that fails for a pidfd socket',
  ({ it }) => {
    it(
      'in run --detach leaves nothing, or a container that works',
      async (box) => {
        const made = telling(box);
        const args = made.words('run', '--detach', '--pidfd-socket', listeningAt(box));
        box.folderFor('state');
        const { finished, calls } = await recordCalls(box, args);
        expect(finished.status).toBe(0);
        await made.ended();
        expect(await forced(box, made)).toEqual([]);
        const complaints = await sweep({
          ...{ box, args, errors: [EIO], calls: aroundPidfd(calls()) },
          prepare: async () => rmSync(made.pidFile, { force: true }),
          look: (run) => afterRun(box, made, run),
        });
        expect(complaints).toEqual([]);
      },
      sweepPatience,
    );

    it(
      'in exec leaves the container as it is, and no process',
      async (box) => {
        const made = box.container(({ process }) => {
          process.args = ['sleep', '1000'];
        });
        await made.started();
        const args = made.execWords(['--pidfd-socket', listeningAt(box)], 'echo', 'done');
        const { finished, calls } = await recordCalls(box, args);
        expect(finished).toMatchObject({ status: 0, stdout: 'done\n' });
        const left = () => processesWith(`${made.cgroup}\n`).filter((pid) => pid !== made.pid);
        const complaints = await sweep({
          ...{ box, args, errors: [EIO], calls: aroundPidfd(calls()) },
          prepare: async () => {},
          look: async (executed) => {
            await until('nobody else is in the container', () => left().length === 0);
            const alive = isAlive(made.pid) ? [] : ['the container has died'];
            return [...(executed.status === 0 ? [] : failed({ ...executed, status: 1 })), ...alive];
          },
        });
        expect(complaints).toEqual([]);
      },
      sweepPatience,
    );
  },
  [staticEngine],
);

suite(
  'a native call that fails for a service manager',
  ({ it }) => {
    it(
      'in run --detach leaves nothing, or a container that works',
      async (box) => {
        const made = telling(box);
        const { through, manager } = await managed(box, 'run');
        const args = made.words('run', '--detach');
        box.folderFor('state');
        const { calls } = await recordCalls(box, args, through);
        expect(await forced(box, made)).toEqual([]);
        const complaints = await sweep({
          ...{ box, args, through, errors: [EIO] },
          calls: [...from(calls(), 'umask').slice(0, 12), ...from(calls(), 'bind')],
          prepare: async () => rmSync(made.pidFile, { force: true }),
          look: (run) => afterRun(box, made, run),
        });
        expect(complaints).toEqual([]);
        manager.child.kill('SIGKILL');
      },
      sweepPatience,
    );

    it(
      'in start leaves what delete --force takes away',
      async (box) => {
        const made = telling(box);
        const { env, through, manager } = await managed(box, 'start');
        const prepare = async () => {
          const { status, stderr } = await box.with({ env }, ...made.words('create'));
          expect([status, stderr]).toEqual([0, '']);
        };
        const args = ['start', made.id];
        await prepare();
        const { calls } = await recordCalls(box, args, through);
        await forced(box, made);
        const complaints = await sweep({
          ...{ box, args, through, errors: [EIO] },
          calls: ofParent(calls()),
          prepare,
          look: async (started) => [
            ...(started.status === 0 ? [] : failed(started)),
            ...(await forced(box, made)),
          ],
        });
        expect(complaints).toEqual([]);
        manager.child.kill('SIGKILL');
      },
      sweepPatience,
    );
  },
  [staticEngine],
);
