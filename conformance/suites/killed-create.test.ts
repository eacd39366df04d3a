import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { call } from '../lib/call.js';
import type { Container } from '../lib/container.js';
import { staticEngine } from '../lib/engines.js';
import { recordCalls, withFault } from '../lib/faults.js';
import { helper } from '../lib/helpers.js';
import { everyHook } from '../lib/hooks.js';
import { inUserNamespace } from '../lib/ids.js';
import { suite } from '../lib/suite.js';

const patience = 120_000;
const SIGKILL = 9;

const container = (box: Box): Container =>
  box.container(({ process, linux }) => {
    process.args = ['sleep', '1000'];
    linux.resources = { memory: { limit: 64 << 20 }, pids: { limit: 64 } };
  });

/** With a stage between create and init. */
const namespaced = (box: Box): Container =>
  box.container(
    inUserNamespace(box, ({ process, linux }) => {
      process.args = ['sleep', '1000'];
      linux.namespaces.push({ type: 'time' });
      linux.timeOffsets = { boottime: { secs: 1000 } };
    }),
  );

/** While its hooks run, too. */
const hooked = (box: Box): Container =>
  box.container((config) => {
    config.hooks = everyHook();
    config.linux.resources = { pids: { limit: 64 } };
  });

/** Cleans up after a create that was killed, and tells what was wrong with that. */
async function cleaned(box: Box, { id }: Container): Promise<string[]> {
  const { status, stdout, stderr } = await box.runtime('delete', '--force', id);
  const said = status === 0 && stdout + stderr === '' ? [] : [`${status}: ${stdout}${stderr}`];
  const gone = await box.expectNothingLeft().then(
    () => [],
    (error: Error) => [error.message],
  );
  return [...said, ...gone];
}

/** Runs create for so many microseconds, or to its end: how long it lived and how it ended. */
async function interrupted(box: Box, { words }: { words: string[] }, microseconds: number) {
  const command = [...box.engine.command, '--root', box.root, ...words];
  const { stdout } = await call(box.folder, [
    helper('interrupt'),
    String(microseconds),
    ...command,
  ]);
  const [life, status] = stdout.split(' ').map(Number);
  return { life: life ?? 0, killed: status === -1 };
}

async function tryInstants(box: Box, victim: Container, rounds: number): Promise<void> {
  const words = victim.words('create');
  const lives: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { life } = await interrupted(box, { words }, 0);
    lives.push(life);
    expect(await cleaned(box, victim)).toEqual([]);
  }
  let typical = Math.max(...lives);
  const complaints: string[] = [];
  let killed = 0;
  for (let round = 1; round <= rounds; round++) {
    // The golden ratio spreads the instants evenly, however many there are.
    const instant = Math.ceil(((round * 0.618034) % 1) * typical);
    const end = await interrupted(box, { words }, instant);
    if (end.killed) killed++;
    else typical = Math.min(typical, end.life);
    for (const complaint of await cleaned(box, victim))
      complaints.push(`${instant} µs: ${complaint}`);
  }
  expect(complaints).toEqual([]);
  // The machine's pace changes, but many came in time.
  expect(killed).toBeGreaterThan(rounds / 10);
}

suite('create that is killed', ({ it, engine }) => {
  const atAnyInstant = (rounds: number, make: (box: Box) => Container, what = ''): void =>
    it(
      `at any of ${rounds} instants${what} leaves what delete --force takes away`,
      (box) => tryInstants(box, make(box), rounds),
      patience,
    );
  atAnyInstant(engine.quick ? 200 : 12, container);
  if (engine.quick) atAnyInstant(40, namespaced, ' with user and time namespaces');
});

suite(
  'create that is killed before a native call',
  ({ it }) => {
    for (const [what, make] of Object.entries({
      'a container': container,
      'one with hooks': hooked,
    }))
      it(
        `of ${what} leaves what delete --force takes away`,
        async (box) => {
          const victim = make(box);
          const words = victim.words('create');
          box.folderFor('state');
          const { calls } = await recordCalls(box, words);
          expect(await cleaned(box, victim)).toEqual([]);
          const complaints: string[] = [];
          for (const native of calls().filter(({ role }) => role === 'parent')) {
            const { signal } = await withFault(box, native, -SIGKILL, words);
            const unhurt = signal === 'SIGKILL' ? [] : ['was not killed'];
            for (const complaint of [...unhurt, ...(await cleaned(box, victim))])
              complaints.push(`${native.number} ${native.name}: ${complaint}`);
          }
          expect(complaints).toEqual([]);
        },
        patience,
      );
  },
  [staticEngine],
);
