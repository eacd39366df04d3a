import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decode, encode } from '../engine/node/text.js';
import { type DecodedStep, decodeBatch, textAt, vectorAt } from '../testing/decode-batch.js';
import { showSteps } from '../testing/show-steps.js';
import {
  type BatchStep,
  type BatchValue,
  call,
  encodeBatch,
  handOver,
  loadFilter,
  showArgument,
  tolerated,
} from './batch.js';
import { type NativeName, natives } from './natives.js';

const bytes = (...numbers: number[]) => new Uint8Array(numbers);

/** What C would find in the place of an argument, in the shape of what was put there. */
function found(program: Uint8Array, step: DecodedStep, index: number, like: BatchValue): unknown {
  const argument = step.args[index]!;
  if (argument.is === 'slot') return { slot: argument.slot };
  if (argument.is === 'number') return argument.value;
  if (argument.is === 'vector') return vectorAt(program, argument.offset);
  if (!(like instanceof Uint8Array)) return textAt(program, argument.offset);
  return program.slice(argument.offset, argument.offset + like.length);
}

/** Numbers cross as 64 bits, NULL as zero. */
const expected = (value: BatchValue): unknown =>
  typeof value === 'number' || typeof value === 'bigint' || value === null
    ? BigInt.asUintN(64, BigInt(value ?? 0))
    : value;

/** Decodes what was encoded and compares each step with the one that it was made of. */
function expectToDecode(steps: readonly BatchStep[]): void {
  const program = encodeBatch(steps, encode);
  const decoded = decodeBatch(program);
  expect(decoded.map(({ operation }) => operation)).toEqual(steps.map((step) => step.do));
  steps.forEach((step, i) => {
    if (step.do !== 'call') return;
    const { name, label, tolerate, save } = decoded[i]!;
    expect({ name, label, tolerate, save }).toEqual({
      name: step.name,
      label: step.label,
      tolerate: step.tolerate ?? false,
      save: step.save ?? null,
    });
    const values = step.args.map((value, n) => found(program, decoded[i]!, n, value));
    expect(values).toEqual(step.args.map(expected));
  });
}

describe('a batch', () => {
  it('has its count, then 64 bytes for each call, then its texts, then its bytes', () => {
    const program = encodeBatch([call('see', 'capset', bytes(1, 2), null)], encode);
    const row = Object.keys(natives).indexOf('capset').toString(16).padStart(2, '0');
    expect(Buffer.from(program).toString('hex').match(/.{16}/g)).toEqual([
      '0100000000000000',
      // A call whose first argument is a pointer; no slot; the label; the arguments.
      `00010000${row}00ff00`,
      '4800000000000000',
      '5000000000000000',
      ...Array.from({ length: 5 }, () => '0000000000000000'),
      Buffer.from('see\0\0\0\0\0').toString('hex'),
      '0102000000000000',
    ]);
  });

  it('passes numbers with all 64 bits and their sign', () => {
    const step = call('numbers', 'prctl', -1, 2 ** 53 - 1, 0xffff_ffff_ffff_ffffn, 0, 9);
    const [decoded] = decodeBatch(encodeBatch([step], encode));
    expect(decoded?.args.map((argument) => argument.is === 'number' && argument.value)).toEqual([
      0xffff_ffff_ffff_ffffn,
      2n ** 53n - 1n,
      0xffff_ffff_ffff_ffffn,
      0n,
      9n,
      0n,
    ]);
  });

  it('has vectors of offsets that end with zero, at addresses that pointers may have', () => {
    for (const text of ['', 'a', 'ab', 'é', '\udcff', 'abcdefg', 'abcdefgh']) {
      const program = encodeBatch([call(text, 'execve', text, [text, text], [])], encode);
      const [{ args }] = decodeBatch(program) as [DecodedStep];
      const vectors = args.flatMap((argument) => (argument.is === 'vector' ? [argument] : []));
      expect(vectors.map(({ offset }) => offset % 8)).toEqual([0, 0]);
      expect(vectors.map(({ offset }) => vectorAt(program, offset))).toEqual([
        [decode(encode(text)), decode(encode(text))],
        [],
      ]);
    }
  });

  it('carries slots, tolerance, requests and the wait for start', () => {
    const steps: BatchStep[] = [
      { do: 'call', label: 'make', name: 'memfdCreate', args: ['m', 0], save: 3 },
      tolerated(call('fill', 'write', { slot: 3 }, bytes(1, 2, 3), 3)),
      { do: 'ask', request: '{"type":"ready"}' },
      { do: 'await', listener: 17 },
    ];
    expectToDecode(steps);
    const program = encodeBatch(steps, encode);
    const [, , ask, wait] = decodeBatch(program);
    const [request, length] = ask!.args;
    expect(textAt(program, (request as { offset: number }).offset)).toBe('{"type":"ready"}');
    expect(length).toEqual({ is: 'number', value: 16n });
    expect(wait!.args[0]).toEqual({ is: 'number', value: 17n });
  });

  it('carries a program to run with its input and its time', () => {
    const [program, input] = [encodeBatch([call('leave', 'exit', 7)], encode), encode('{"é":1}')];
    const whole = encodeBatch(
      [{ do: 'run', label: 'a hook', program, input, timeout: -1 }],
      encode,
    );
    const [{ operation, label, args }] = decodeBatch(whole) as [DecodedStep];
    expect([operation, label]).toEqual(['run', 'a hook']);
    const [at, length, from, size] = args.map((argument) =>
      argument.is === 'pointer' ? argument.offset : Number((argument as { value: bigint }).value),
    ) as [number, number, number, number];
    expect(at % 8).toBe(0);
    expect(whole.subarray(at, at + length)).toEqual(program);
    expect(whole.subarray(from, from + size)).toEqual(new Uint8Array(input));
    expect(args[4]).toEqual({ is: 'number', value: 2n ** 64n - 1n });
  });

  it('carries filters of system calls and descriptors that are handed over', () => {
    const steps = [
      loadFilter('load', 12, bytes(6, 0, 0, 0, 0, 0, 0xff, 0x7f), 2),
      handOver('hand over', '{"type":"listener"}', { slot: 2 }),
    ];
    const [load, hand] = decodeBatch(encodeBatch(steps, encode));
    expect(load).toMatchObject({ operation: 'filter', name: 'seccomp', label: 'load', save: 2 });
    expect(load!.args[0]).toEqual({ is: 'number', value: 12n });
    expect(load!.args[2]).toEqual({ is: 'number', value: 1n });
    expect(hand).toMatchObject({ operation: 'hand', name: 'sendFds', label: 'hand over' });
    expect(hand!.args.slice(1, 3)).toEqual([
      { is: 'number', value: 19n },
      { is: 'slot', slot: 2 },
    ]);
  });

  it('counts a request in bytes', () => {
    const [ask] = decodeBatch(encodeBatch([{ do: 'ask', request: '"é–𝄞"' }], encode));
    expect(ask!.args[1]).toEqual({ is: 'number', value: BigInt(Buffer.from('"é–𝄞"').length) });
  });
});

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));

const anyValue: fc.Arbitrary<BatchValue> = fc.oneof(
  fc.integer(),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  text,
  fc.uint8Array({ minLength: 1, maxLength: 20 }),
  fc.record({ slot: fc.nat(7) }),
  fc.array(text, { maxLength: 4 }),
  fc.constant(null),
);

const anyCall: fc.Arbitrary<BatchStep> = fc.record(
  {
    do: fc.constant('call' as const),
    label: text,
    name: fc.constantFrom(...(Object.keys(natives) as NativeName[])),
    args: fc.array(anyValue, { maxLength: 6 }),
    tolerate: fc.boolean(),
    save: fc.nat(7),
  },
  { requiredKeys: ['do', 'label', 'name', 'args'] },
);

const anyStep: fc.Arbitrary<BatchStep> = fc.oneof(
  { weight: 5, arbitrary: anyCall },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ask' as const), request: text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('await' as const), listener: fc.nat() }) },
);

test('whatever is encoded is what C reads', () => {
  fc.assert(fc.property(fc.array(anyStep, { maxLength: 8 }), expectToDecode));
});

test('steps are shown as strace would', () => {
  expect(
    showSteps([
      tolerated(call('leave', 'close', 5)),
      { do: 'call', label: 'copy', name: 'dup3', args: [{ slot: 1 }, 2, 0], save: 2 },
      call('change', 'capset', bytes(1, 0xff), null),
      { do: 'ask', request: '?' },
      { do: 'await', listener: 4 },
      { do: 'run', label: 'a hook', program: bytes(), input: bytes(), timeout: 5 },
    ]),
  ).toEqual([
    'close(5) or go on # leave',
    '$2 = dup3($1, 2, 0) # copy',
    'capset(<01ff>, NULL) # change',
    'ask ?',
    'await 4',
    'run, 5 ms # a hook',
  ]);
});

test.each([
  ['fd', -100, 'AT_FDCWD'],
  ['fd', 5, '5'],
  ['int', -1, '-1'],
  ['u64', 9, '9'],
  ['u64', 0x20000, '0x20000'],
  ['u64', 2n ** 64n - 1n, '18446744073709551615'],
  ['cstr', 'a"b\n', '"a\\"b\\n"'],
  ['cstr?', null, 'NULL'],
  ['in', bytes(1, 2), '[2 bytes]'],
  [undefined, 3, '3'],
] as const)('an argument of type %s that is %o reads %s', (type, value, shown) => {
  expect(showArgument(type, value)).toBe(shown);
});
