import { rmSync } from 'node:fs';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Finished } from '../lib/call.js';
import type { Container } from '../lib/container.js';
import { staticEngine } from '../lib/engines.js';
import { type NativeCall, recordCalls, withFault } from '../lib/faults.js';
import { suite } from '../lib/suite.js';

/** EIO, ENOMEM: nobody expects the one, everybody may get the other. */
const errors = [5, 12] as const;

const patience = 180_000;

type Look = (box: Box, container: Container, finished: Finished) => Promise<string[]>;

const container = (box: Box): Container =>
  box.container(({ process, linux }) => {
    process.args = ['echo', 'works'];
    process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 64, hard: 128 }];
    process.oomScoreAdj = 100;
    linux.sysctl = { 'net.ipv4.ip_forward': '1' };
    linux.resources = { memory: { limit: 64 << 20 }, pids: { limit: 64 } };
  });

/** What is wrong with the way in which a command has failed. */
function badReport({ status, signal, stdout, stderr }: Finished): string[] {
  return [
    ...(status === 1 ? [] : [`ended with ${status ?? signal}`]),
    ...(stdout === '' ? [] : [`printed ${stdout}`]),
    ...(/level=error msg=/.test(stderr) ? [] : [`said ${stderr || 'nothing'}`]),
    ...(/Error:|bug/.test(stderr) ? [`has a bug: ${stderr}`] : []),
  ];
}

const stillThere = (box: Box): string[] => box.leftovers().map((what) => `left behind: ${what}`);

/** A later `delete --force` has to take away all that a failed command has left. */
async function forced(box: Box, { id }: Container): Promise<string[]> {
  const { status, stderr } = await box.runtime('delete', '--force', id);
  const failed = status === 0 && stderr === '' ? [] : [`delete --force: ${status} ${stderr}`];
  return [...failed, ...stillThere(box)];
}

/** Fails each call in turn, with each error, and tells of everything that was wrong then. */
async function sweep(
  box: Box,
  calls: readonly NativeCall[],
  prepare: () => Promise<unknown>,
  args: readonly string[],
  look: (finished: Finished) => Promise<string[]>,
): Promise<string[]> {
  const complaints: string[] = [];
  for (const call of calls)
    for (const errno of errors) {
      await prepare();
      const finished = await withFault(box, call, errno, args);
      const found = await look(finished).catch((error: Error) => [error.message]);
      for (const complaint of found)
        complaints.push(`${call.role} ${call.number} ${call.name} ${errno}: ${complaint}`);
    }
  return complaints;
}

/** A create whose failing call did no harm has made a container that works. */
const afterCreate: Look = async (box, made, created) => {
  if (created.status !== 0) {
    const file = made.hasPidFile() ? ['left its pid file'] : [];
    const left = stillThere(box);
    const cleaning = left.length > 0 ? await forced(box, made) : [];
    return [...badReport(created), ...file, ...left, ...cleaning];
  }
  const started = await made.start();
  await made.ended();
  // The failing call may have been init's last one.
  if (started.status !== 0) return [...badReport(started), ...(await forced(box, made))];
  const output = created.running.stdout() === 'works\n' ? [] : ['did not work'];
  const deleted = await made.delete();
  const wrong = deleted.status === 0 ? [] : [`delete: ${deleted.stderr}`];
  return [...output, ...wrong, ...(await forced(box, made))];
};

/** Whatever start says, the container has either run or can be taken away. */
const afterStart: Look = async (box, made, started) => {
  if (started.status !== 0) return [...badReport(started), ...(await forced(box, made))];
  await made.ended();
  return [...(made.output() === 'works\n' ? [] : ['did not work']), ...(await forced(box, made))];
};

const afterDelete: Look = async (box, made, deleted) =>
  deleted.status === 0 ? stillThere(box) : [...badReport(deleted), ...(await forced(box, made))];

suite(
  'a native call that fails',
  ({ it }) => {
    for (const role of ['parent', 'child'] as const)
      it(
        `in the ${role} of create leaves nothing, or a container that works`,
        async (box) => {
          const made = container(box);
          box.folderFor('state');
          const { calls } = await recordCalls(box, made.words('create'));
          await made.start();
          await made.ended();
          await made.delete();
          const mine = calls().filter((call) => call.role === role);
          expect(mine.length).toBeGreaterThan(50);
          const prepare = async () => rmSync(made.pidFile, { force: true });
          const args = made.words('create');
          expect(
            await sweep(box, mine, prepare, args, (finished) => afterCreate(box, made, finished)),
          ).toEqual([]);
        },
        patience,
      );

    it(
      'in start leaves what delete --force takes away',
      async (box) => {
        const made = container(box);
        await made.created();
        const args = ['start', made.id];
        const { calls } = await recordCalls(box, args);
        await made.delete();
        const look = (finished: Finished) => afterStart(box, made, finished);
        expect(await sweep(box, calls(), () => made.created(), args, look)).toEqual([]);
      },
      patience,
    );

    for (const flags of [[], ['--force']])
      it(
        `in delete ${flags.join(' ')} leaves what delete --force takes away`,
        async (box) => {
          const made = container(box);
          if (flags.length > 0) made.config.process.args = ['sleep', '1000'];
          made.write();
          const prepare = async () => {
            const pid = await made.started();
            if (flags.length === 0) await made.ended(pid);
          };
          await prepare();
          const args = ['delete', ...flags, made.id];
          const { calls } = await recordCalls(box, args);
          const look = (finished: Finished) => afterDelete(box, made, finished);
          expect(await sweep(box, calls(), prepare, args, look)).toEqual([]);
        },
        patience,
      );
  },
  [staticEngine],
);
