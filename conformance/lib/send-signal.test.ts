import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { sendSignal } from './send-signal.js';

it.each([0, -1, 1, Number.NaN, Number('')])(
  'sends nothing to %s, which is not one process',
  (pid) => {
    expect(() => sendSignal(pid, 'SIGCONT')).toThrow(`no process to send SIGCONT to: ${pid}`);
  },
);

it('ends the process that it is told', async () => {
  const child = spawn('sleep', ['1000']);
  const ended = new Promise((resolve) => child.on('exit', (_, name) => resolve(name)));
  await new Promise((resolve) => child.on('spawn', resolve));
  sendSignal(child.pid!, 'SIGKILL');
  expect(await ended).toBe('SIGKILL');
});
