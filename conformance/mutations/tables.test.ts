import { describe, expect, test } from 'vitest';
import { profiles } from '../runner/profiles.js';
import { changedText } from './config-text.js';
import { isAimedAt } from './judge.js';
import { everything, otherwise } from './samples.js';
import { mutations } from './tables.js';

const byConfiguration = mutations.flatMap(({ name, change }) => (change ? [{ name, change }] : []));

describe('The mutations', () => {
  test('are many, and each has a name of its own', () => {
    const names = mutations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(100);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/);
  });

  test('say what they break in words that go on after "A runtime that"', () => {
    for (const { breaks } of mutations) expect(breaks).toMatch(/^[a-z].*[^.]$/);
  });

  test('each aim at some test of their profile', () => {
    const lost = mutations.filter(
      ({ profile, aims }) => !profiles[profile].tests.some((each) => isAimedAt(each, aims)),
    );
    expect(lost.map(({ name }) => name)).toEqual([]);
  });

  test.each(byConfiguration)('$name makes another configuration', ({ change }) => {
    const texts = [everything(), otherwise()].map((config) => JSON.stringify(config));
    const changes = texts.map((text) => changedText(text, change));
    expect(changes.some((text) => text !== undefined)).toBe(true);
  });

  test('by configuration leave alone what is none', () => {
    const texts = ['', 'nonsense', '[]', '7', 'null'];
    for (const { change } of byConfiguration)
      for (const text of texts) expect(changedText(text, change)).toBeUndefined();
  });
});
