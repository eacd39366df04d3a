import { deepEqual, equal } from 'node:assert/strict';
import { constants } from 'node:os';
import { processState } from '../lib/machine.js';
import { until } from '../lib/until.js';
import { subject } from '../runner/test.js';
import { fails, succeeds } from '../runner/trial.js';
import { states } from './lib/states.js';
import { becomes, isAsBefore, signalsOf, statusOf, viewOf } from './lib/view.js';

/** Every one that a process can have a handler for. */
const signals = [
  ...['HUP', 'INT', 'QUIT', 'ILL', 'TRAP', 'ABRT', 'BUS', 'FPE', 'USR1', 'SEGV', 'USR2', 'PIPE'],
  ...['ALRM', 'TERM', 'CHLD', 'CONT', 'TSTP', 'TTIN', 'TTOU', 'URG', 'XCPU', 'XFSZ', 'VTALRM'],
  ...['PROF', 'WINCH', 'IO', 'PWR', 'SYS'],
];

/** Real-time signals, which have numbers alone; the first ones are the C library's own. */
const realTime = [35, 37, 50, 64];

const numberOf = (name: string): number =>
  constants.signals[`SIG${name}` as keyof typeof constants.signals];

const byNumber = (name: string) => String(numberOf(name));

export const killTests = subject('kill', (test) => {
  test(
    'all',
    'kill sends the process each signal that it is asked for, once and no other',
    { proves: ['runtime/kill/3'] },
    async (trial) => {
      const container = await states.running(trial);
      for (const [count, name] of signals.entries()) {
        await succeeds(container.kill(byNumber(name)));
        await until(`SIG${name} arrives`, () => signalsOf(container).length > count);
      }
      deepEqual(signalsOf(container), signals.map(numberOf));
      equal(await statusOf(trial, container), 'running');
    },
  );

  test(
    'real-time',
    'kill sends the process real-time signals too',
    { proves: ['runtime/kill/3'] },
    async (trial) => {
      const container = await states.running(trial);
      for (const [count, number] of realTime.entries()) {
        await succeeds(container.kill(String(number)));
        await until(`signal ${number} arrives`, () => signalsOf(container).length > count);
      }
      deepEqual(signalsOf(container), realTime);
    },
  );

  test(
    'stop',
    'kill stops the process and lets it go on, with signals that nobody can handle or ignore',
    { proves: ['runtime/kill/3'] },
    async (trial) => {
      const container = await states.running(trial);
      await succeeds(container.kill(byNumber('STOP')));
      await until('it stands still', () => processState(container.pid) === 'T');
      await succeeds(container.kill(byNumber('CONT')));
      await until('it goes on', () => processState(container.pid) === 'S');
      equal(await statusOf(trial, container), 'running');
    },
  );

  test(
    'names',
    'Signals are known by their names too',
    { proves: ['runtime/kill/3'] },
    async (trial) => {
      const container = await states.running(trial);
      for (const [count, name] of ['SIGUSR1', 'HUP', 'SIGWINCH', 'TERM'].entries()) {
        await succeeds(container.kill(name));
        await until(`${name} arrives`, () => signalsOf(container).length > count);
      }
      deepEqual(signalsOf(container), ['USR1', 'HUP', 'WINCH', 'TERM'].map(numberOf));
    },
  );

  test(
    'ends',
    'A signal that ends the process stops the container',
    { proves: ['runtime/kill/3'] },
    async (trial) => {
      const container = await states.running(trial);
      await succeeds(container.kill('KILL'));
      await container.ended();
      await becomes(trial, container, 'stopped');
      deepEqual(signalsOf(container), []);
    },
  );

  test(
    'unknown',
    'What is no signal is refused and has no effect',
    { proves: ['runtime/errors/1'] },
    async (trial) => {
      const container = await states.running(trial);
      const before = await viewOf(trial, container);
      for (const word of ['SIGNOTHING', '4096', '-1', 'KILL9'])
        await fails(trial.runtime('kill', container.id, '--', word));
      await isAsBefore(trial, container, before);
    },
  );
});
