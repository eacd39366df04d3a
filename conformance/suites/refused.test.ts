import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type Change, inLinux, inProcess } from '../lib/changes.js';
import { suite } from '../lib/suite.js';

/** What this release does not do, by the place in the configuration that asks for it. */
const refused: Readonly<Record<string, Change>> = {
  '/vm': (config) => {
    config.vm = { kernel: { path: '/kernel' } };
  },
};

/** What no runtime may do, with the words that callers know. */
const wrong: readonly (readonly [what: string, change: Change, message: RegExp])[] = [
  ['no process', (config) => Reflect.deleteProperty(config, 'process'), /\/process/],
  ['no arguments', inProcess('args', []), /args must not be empty/],
  ['no cwd', inProcess('cwd', ''), /Cwd property must not be empty/],
  ['a relative cwd', inProcess('cwd', 'here'), /Cwd must be an absolute path/],
  ['an environment without =', inProcess('env', ['PATH']), /\/process\/env\/0/],
  ['a number for a text', inProcess('cwd', 5), /\/process\/cwd/],
  ['a version that is none', (config) => Object.assign(config, { ociVersion: 'x' }), /ociVersion/],
  ['masked paths that are relative', inLinux('maskedPaths', ['proc']), /\/linux\/maskedPaths\/0/],
  [
    'a namespace twice',
    ({ linux }) => void linux.namespaces.push({ type: 'pid' }),
    /\/linux\/namespaces\/5/,
  ],
  [
    'mounts without a mount namespace',
    ({ linux }) => {
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'mount');
    },
    /\/mounts|\/linux\/maskedPaths/,
  ],
];

suite('configuration', ({ it, engine }) => {
  const few = engine.quick ? Number.POSITIVE_INFINITY : 2;

  it('is refused by the name of what is not supported, and nothing is left', async (box) => {
    for (const [at, change] of Object.entries(refused).slice(0, few)) {
      const refusal = await box.refusal(change);
      expect([at, refusal]).toEqual([at, expect.stringContaining(`${at}: `)]);
      expect(refusal).toMatch(/not (supported|applied|run|moved)/);
    }
  });

  it('that is wrong is refused with a pointer to the place', async (box) => {
    for (const [what, change, message] of wrong.slice(0, few)) {
      const refusal = await box.refusal(change);
      expect([what, refusal]).toEqual([what, expect.stringMatching(message)]);
      expect(refusal).toMatch(/create failed: /);
    }
  });

  it('that asks for nothing in fields that are not supported is taken', async (box) => {
    const output = await box.inside('echo taken', (config) => {
      config.process.terminal = false;
      config.linux.resources = { blockIO: {}, hugepageLimits: [], network: {}, unified: {} };
    });
    expect(output).toBe('taken\n');
  });

  it('may have fields that nobody knows', async (box) => {
    const output = await box.inside('echo taken', (config) => {
      config.fromTheFuture = { x: 1 };
      config.process.fromTheFuture = [1];
      config.linux.fromTheFuture = 'x';
    });
    expect(output).toBe('taken\n');
  });

  it('that is no JSON is refused with the place of the mistake', async (box) => {
    const container = box.container();
    for (const text of ['', '{', '{"ociVersion": "1.0.2",}', '[]', '"x"']) {
      writeFileSync(`${container.bundle}/config.json`, text);
      const { status, stderr } = await container.create();
      expect([text, status]).toEqual([text, 1]);
      expect(stderr).not.toMatch(/TypeError|bug/);
    }
    expect(box.leftovers()).toEqual([]);
  });
});
