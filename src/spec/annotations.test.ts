import { describe, expect, it, test } from 'vitest';
import {
  annotation,
  annotationRows,
  refusedAnnotations,
  systemdSubgroup,
  unsafeAnnotations,
} from './annotations.js';

const named = (name: string, value: string) => refusedAnnotations({ [name]: value });

test('each annotation has one row, and the rows are sorted', () => {
  const names = annotationRows.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
});

test('what is applied has a row that does not refuse it', () => {
  for (const name of Object.values(annotation)) {
    const row = annotationRows.find((each) => each.name === name);
    expect(row, name).toBeDefined();
    expect(row?.refused ?? row?.without, name).toBeUndefined();
  }
});

describe('an annotation is refused', () => {
  it('when it asks for another kind of execution', () => {
    expect(named('run.oci.handler', 'krun')).toEqual([
      {
        at: '/annotations/run.oci.handler',
        reason: 'containers are run by this kernel alone, by no other handler',
      },
    ]);
    expect(named('module.wasm.image/variant', 'compat')).toEqual([
      expect.objectContaining({ at: '/annotations/module.wasm.image~1variant' }),
    ]);
  });

  it.each(annotationRows.filter(({ refused }) => refused !== undefined).map(({ name }) => name))(
    'when it is %s, with anything but a value that asks for nothing',
    (name) => {
      expect(named(name, 'x')).toHaveLength(1);
      expect(named(name, '')).toEqual([]);
    },
  );

  it.each([
    ['module.wasm.image/variant', 'compat-smart'],
    ['run.oci.seccomp_fail_unknown_syscall', '0'],
    ['org.systemd.property.KillSignal', '15'],
    [systemdSubgroup, 'x'],
    ['com.example.whatever', 'x'],
    [annotation.keepGroups, '1'],
  ])('not for %s with the value %s', (name, value) => {
    expect(named(name, value)).toEqual([]);
  });

  it('never when there is none', () => {
    expect(refusedAnnotations(undefined)).toEqual([]);
  });
});

test('annotations that change something are told to engines, those that are refused are not', () => {
  expect(unsafeAnnotations()).toEqual(
    expect.arrayContaining(['org.systemd.property.', ...Object.values(annotation)]),
  );
  expect(unsafeAnnotations()).not.toContain('run.oci.handler');
  expect(unsafeAnnotations()).not.toContain('org.criu.config');
});
