import { describe, expect, test } from 'vitest';
import type { Config } from '../lib/config.js';
import { at } from './how.js';

const config = () =>
  ({ a: { list: [{ x: 1 }, { x: 2, y: 1 }, 7], map: { one: 1, two: 2 } } }) as unknown as Config;

function result<T>(path: string, change: (value: T) => T | undefined): unknown {
  const changed = config();
  at(path, change)(changed);
  return changed;
}

describe('A path in a configuration', () => {
  test('leads to a value', () => {
    expect(result('a.list', (list: unknown[]) => list.slice(1, 2))).toMatchObject({
      a: { list: [{ x: 2, y: 1 }] },
    });
  });

  test('leads to a field of each element', () => {
    expect(result('a.list[].x', (x: number) => 10 * x)).toMatchObject({
      a: { list: [{ x: 10 }, { x: 20, y: 1 }, 7] },
    });
  });

  test('leads to each element itself', () => {
    expect(result('a.map[]', (n: number) => n + 1)).toMatchObject({
      a: { map: { one: 2, two: 3 } },
    });
  });

  test('may lead to nothing, which stays as it is', () => {
    expect(result('a.none[].x', () => 1)).toEqual(config());
    expect(result('b', () => 1)).toEqual(config());
  });

  test('takes away what becomes undefined', () => {
    expect(result('a.list[].y', () => undefined)).toMatchObject({
      a: { list: [{ x: 1 }, { x: 2 }, 7] },
    });
  });
});
