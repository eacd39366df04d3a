import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { textOf } from '../lib/machine.js';
import { until } from '../lib/until.js';
import { askers } from './askers.js';

const module = fileURLToPath(new URL('askers.ts', import.meta.url));
const watcher = `import(${JSON.stringify(module)}).then(({ onAbort }) => {
  onAbort((why) => process.stdout.write(why, () => process.exit()));
  process.stdout.write('watching ' + process.pid + '\\n');
})`;

/** Starts, by way of a shell, a program that watches, and kills one of the two. */
async function killed(whom: 'shell' | 'watcher', signal: NodeJS.Signals): Promise<string> {
  const script = '"$@" & wait';
  const words = [process.execPath, '--import', 'tsx', '--eval', watcher];
  const shell = spawn('sh', ['-c', script, 'sh', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let text = '';
  shell.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const pid = await until('it watches', () => /watching (\d+)\n/.exec(text)?.[1]);
  if (whom === 'shell') shell.kill(signal);
  else process.kill(Number(pid), signal);
  return until('it tells', () => text.split('\n')[1] || undefined);
}

it('a run is aborted by a signal', async () => {
  expect(await killed('watcher', 'SIGTERM')).toBe('we got SIGTERM');
});

it('a run is aborted when whoever has asked for it is killed', async () => {
  expect(await killed('shell', 'SIGKILL')).toBe('whoever has started this run has ended');
});

it('those who ask are the ancestors in the process group', () => {
  const pids = askers().split(' ');
  expect(pids[0]).toBe(String(process.pid));
  const group = (pid: string) =>
    readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
  expect(pids.map(group)).toEqual(pids.map(() => group('self')));
  expect(textOf(`/proc/${pids.at(-1)}/stat`)).not.toBe('');
});
