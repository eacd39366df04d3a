import { describe, test } from 'vitest';
import { Box } from './box.js';
import { type Engine, engines } from './engines.js';

export type Act = (box: Box) => void | Promise<void>;

/** A test in a box of its own, which must be empty afterwards. */
export const boxed = (engine: Engine, act: Act) => async (): Promise<void> => {
  const box = new Box(engine);
  let failed = true;
  try {
    await act(box);
    failed = false;
  } finally {
    // The first failure is the one to tell.
    await box.close().catch((error) => {
      if (!failed) throw error;
    });
  }
};

export type It = (name: string, act: Act, timeout?: number) => void;

export interface Suite {
  readonly it: It;
  readonly engine: Engine;
}

const isRoot = process.getuid?.() === 0;

/** Tests of one behaviour, with each engine. */
export function suite(
  title: string,
  define: (suite: Suite) => void,
  over: readonly Engine[] = engines,
): void {
  if (!isRoot) return void describe.skip(`${title} (needs root)`, () => test.todo('as root'));
  describe.each(over)(`${title}, with $name`, (engine) => {
    const it: It = (name, act, timeout) => test(name, boxed(engine, act), timeout);
    define({ it, engine });
  });
}
