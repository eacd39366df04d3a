import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { prototypeOf } from '../src/engine/node/prototypes.js';
import * as constants from '../src/linux/constants.js';
import { type NativeName, type NativeRow, natives } from '../src/linux/natives.js';
import { assertions, glue, prototypes, systemCalls } from './generate.js';
import { root } from './setup/paths.js';

const rows = Object.entries(natives) as readonly (readonly [NativeName, NativeRow])[];

describe('a system call of the table', () => {
  it('has a prototype, a body of one call, and glue that gives its texts back', () => {
    expect(prototypes()).toContain('int64_t rn_mkdirat(int dir_, const char *path_, int mode_);\n');
    expect(systemCalls()).toContain(
      [
        'int64_t rn_mkdirat(int dir_, const char *path_, int mode_) {',
        '  RN_FAULT("mkdirat");',
        '  return rn_result(syscall(SYS_mkdirat, dir_, path_, mode_));',
        '}',
        '',
      ].join('\n'),
    );
    const [, body = ''] =
      /static JSValue js_mkdirat\([^)]*\) \{\n([\s\S]*?)\n\}/.exec(glue()) ?? [];
    expect(body.split('\n').map((line) => line.trim())).toEqual([
      '(void)self; (void)argc; (void)argv;',
      'JSValue result = JS_EXCEPTION;',
      'char *s1 = NULL;',
      'int32_t a0; if (JS_ToInt32(ctx, &a0, argv[0])) goto out;',
      expect.stringContaining('rn_get_text(ctx, argv[1], &s1, &n1)'),
      'int32_t a2; if (JS_ToInt32(ctx, &a2, argv[2])) goto out;',
      'result = JS_NewInt64(ctx, rn_mkdirat(a0, s1, a2));',
      'out:',
      'js_free(ctx, s1);',
      'return result;',
    ]);
  });

  it('is called by the name that the kernel has for it', () => {
    for (const [name, row] of rows.filter(([, { kind }]) => kind === 'sys'))
      expect(systemCalls(), name).toContain(`syscall(SYS_${row.call ?? name}`);
  });
});

test('what is written by hand has a prototype and glue, but no body', () => {
  for (const [name] of rows.filter(([, { kind }]) => kind === 'c')) {
    expect(prototypes(), name).toContain(` rn_${name}(`);
    expect(glue(), name).toContain(`rn_${name}(`);
    expect(systemCalls(), name).not.toContain(` rn_${name}(`);
  }
});

test('batches find each call at the number of its row', () => {
  const [, numbers = ''] = /rn_numbers\[\] = \{(.*)\};/.exec(systemCalls()) ?? [];
  const expected = rows.map(([name, row]) => (row.kind === 'c' ? '-1' : `SYS_${row.call ?? name}`));
  expect(numbers.split(', ')).toEqual(expected);
  expect(systemCalls()).toContain(`rn_count = ${rows.length};`);
});

test('both engines are told the same about each argument', () => {
  const kinds = (text: string) =>
    text.split(',').map((argument) => (argument.includes('*') ? 'pointer' : 'number'));
  for (const [name] of rows) {
    const [, ofC = ''] = new RegExp(`rn_${name}\\((.*)\\);`).exec(prototypes()) ?? [];
    const [, ofNode = ''] = /\((.*)\)$/.exec(prototypeOf(name)) ?? [];
    expect([name, kinds(ofNode)]).toEqual([name, kinds(ofC)]);
  }
});

describe('the constants', () => {
  const compile = (source: string) =>
    spawnSync('cc', ['-fsyntax-only', '-x', 'c', '-'], { input: source, encoding: 'utf8' });

  it('are those of this machine’s headers, each of them', () => {
    const { status, stderr } = compile(assertions());
    expect([status, stderr]).toEqual([0, '']);
    for (const name of Object.keys(constants)) expect(assertions()).toContain(`"${name}");`);
  });

  it('stop the build when one is wrong, and when there is no such name', () => {
    const wrong = compile(assertions().replace('== (unsigned long long)9LL', '== 8ULL'));
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain('SIGKILL');
    const unknown = compile(`${assertions()}_Static_assert(O_NOTHING == 1, "");`);
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toContain('O_NOTHING');
  });
});

test('little is written in C', () => {
  const native = join(root, 'native');
  const sources = readdirSync(native).filter((name) => /\.[ch]$/.test(name));
  const lines = sources.flatMap((name) =>
    readFileSync(join(native, name), 'utf8').trimEnd().split('\n'),
  );
  expect(sources.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThan(1500);
});
