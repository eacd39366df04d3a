import { describe, expect, it } from 'vitest';
import { readOrExplain } from './explain.js';
import { loadResources } from './resources.js';

const load = (text: string) => loadResources(text, readOrExplain);

describe('limits in a document of their own', () => {
  it('are read with all their digits, and with nulls as Go writes them', () => {
    expect(load('{}')).toEqual({});
    expect(load('{"memory":{"limit":9007199254740993}}')).toEqual({
      memory: { limit: 9007199254740993n },
    });
    expect(load('{"unified":null,"pids":{"limit":5}}')).toEqual({ pids: { limit: 5 } });
  });

  it('are told from what is none, or more than one document', () => {
    for (const text of ['', '{', '{}}', '{},"mounts":{}', '{}{}'])
      expect(() => load(text)).toThrow('not valid JSON');
  });

  it.each([
    ['[]', '/linux/resources'],
    ['{"memory":{"limit":"x"}}', '/linux/resources/memory/limit'],
    ['{"memory":{"limit":-5}}', '/linux/resources/memory/limit'],
    ['{"cpu":{"idle":3}}', '/linux/resources/cpu/idle'],
  ])('%s is wrong at %s', (text, at) => {
    expect(() => load(text)).toThrow(expect.objectContaining({ at }));
  });

  it('may change swap alone, but not to less than the memory beside it', () => {
    expect(load('{"memory":{"swap":5}}')).toEqual({ memory: { swap: 5 } });
    expect(() => load('{"memory":{"swap":5,"limit":9}}')).toThrow(
      expect.objectContaining({ at: '/linux/resources/memory/swap' }),
    );
  });
});
