import { expect, test } from 'vitest';
import { readOptions } from './options.js';
import { rowNames } from './tasks.js';

test('without arguments everything is measured, without the floor', () => {
  expect(readOptions([])).toMatchObject({ only: rowNames, floor: false, scale: 0, runtimes: {} });
});

test('fewer runs are made when asked to be quick, and an explicit number wins', () => {
  expect(readOptions(['--quick']).runs).toBeLessThan(readOptions([]).runs);
  expect(readOptions(['--quick', '--runs', '99']).runs).toBe(99);
});

test('rows are chosen by name, and a wrong name is told what there is', () => {
  expect(readOptions(['--only', 'run,delete-force']).only).toEqual(['run', 'delete-force']);
  expect(() => readOptions(['--only', 'ran'])).toThrow(/any of .*run.*not 'ran'/);
});

test('a further runtime has a name and an absolute path', () => {
  expect(readOptions(['--runtime', 'new=/opt/crun']).runtimes).toEqual({ new: '/opt/crun' });
  expect(() => readOptions(['--runtime', '/opt/crun'])).toThrow('NAME=/ABSOLUTE/PATH');
});

test('there is a pause before each turn unless it is set to nothing', () => {
  expect(readOptions([]).pause).toBeGreaterThan(0);
  expect(readOptions(['--pause', '0']).pause).toBe(0);
});

test('numbers are positive and whole', () => {
  for (const text of ['0', '', '1.5', 'many', '100000']) {
    expect(() => readOptions(['--scale', text])).toThrow(`not '${text}'`);
  }
});
