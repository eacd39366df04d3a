/** Commands of one container at the same time, again and again, and each time in another order. */
import { existsSync } from 'node:fs';
import type { Finished } from '../../lib/call.js';
import type { Container } from '../../lib/container.js';
import { patience, until } from '../../lib/until.js';
import type { Trial } from '../../runner/trial.js';
import { type Command, perform } from './commands.js';

/** So many, but with a slow runtime, or on a slow machine, no more than a few. */
const rounds = 10;
const fewest = 3;
const longest = patience / 2;

/** What is wrong is told with the round, since another may have gone well. */
export async function repeatedly(act: (round: number) => Promise<void>): Promise<void> {
  const end = performance.now() + longest;
  for (let round = 0; round < rounds && (round < fewest || performance.now() < end); round++)
    await act(round).catch((error: Error) => {
      error.message = `in round ${round + 1}: ${error.message}`;
      throw error;
    });
}

/** All at once; who is started first changes with the round. The answers are in the given order. */
export async function together<T>(
  round: number,
  acts: readonly (() => Promise<T>)[],
): Promise<T[]> {
  const first = round % acts.length;
  const order = [...acts.keys()].map((index) => (index + first) % acts.length);
  const answers: T[] = [];
  const all = order.map(async (index) => {
    answers[index] = await acts[index]!();
  });
  let over = false;
  const end = Promise.all(all).finally(() => {
    over = true;
  });
  // A command that hangs is given up before the whole test is; how it ends then is told to nobody.
  end.catch(() => {});
  await until('all commands have ended', () => over);
  await end;
  return answers;
}

/** What can be seen of a `create`, from its start to its end. */
const milestones: readonly ((container: Container) => boolean)[] = [
  () => true,
  ({ state }) => existsSync(state),
  ({ pidFile }) => existsSync(pidFile),
];

/** `create`, and another command that is called at one moment of it or another. */
export async function duringCreate(
  trial: Trial,
  round: number,
  container: Container,
  command: Command,
): Promise<readonly [Finished, Finished]> {
  let over = false;
  const create = container.create().finally(() => {
    over = true;
  });
  const isReached = milestones[round % milestones.length]!;
  await until('create is under way', () => over || isReached(container));
  const disturbance = await perform(trial, container, command);
  return [await create, disturbance];
}

export const successes = (all: readonly Finished[]): number =>
  all.filter(({ status }) => status === 0).length;
