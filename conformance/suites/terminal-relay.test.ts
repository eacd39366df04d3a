import { createHash } from 'node:crypto';
import { openSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { type Running, startCall } from '../lib/call.js';
import type { Container } from '../lib/container.js';
import { processesWith } from '../lib/machine.js';
import { sendSignal } from '../lib/send-signal.js';
import { suite } from '../lib/suite.js';
import { anyOnPty, childOf, keyboard, onPty, onTerminal } from '../lib/terminals.js';
import { until } from '../lib/until.js';

/** A script of a container on a terminal of its own, once it has said that it is ready. */
async function ready(box: Box, script: string) {
  const keys = keyboard(box);
  const container = box.container(onTerminal(script));
  const running = onPty(box, container.words('run'), keys.fd);
  await until('it is ready', () => running.stdout().includes('ready'));
  return { keys, container, running, runtime: childOf(running.child.pid!) };
}

const finish = async (running: Running, keys: ReturnType<typeof keyboard>): Promise<string> => {
  const { stdout } = await running.ended();
  keys.close();
  return stdout;
};

/** The program writes nothing more, however often one looks. */
async function isStuck(pid: number): Promise<void> {
  let before = '';
  let same = 0;
  await until('nothing is written any more', () => {
    const io = readFileSync(`/proc/${pid}/io`, 'utf8').replace(/rchar.*\nwchar/, 'wchar');
    same = io === before ? same + 1 : 0;
    before = io;
    return same > 2000;
  });
}

const inside = ({ cgroup }: Container) => processesWith(`${cgroup}\n`);

suite('between a terminal and its user', ({ it, engine }) => {
  it('signals to the runtime reach the process, and the terminal is as before', async (box) => {
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const) {
      const name = signal.slice(3);
      const { keys, running, runtime } = await ready(
        box,
        `trap "echo got ${name}; exit 3" ${name}; echo ready; while :; do sleep 0.02; done`,
      );
      sendSignal(runtime, signal);
      const output = await finish(running, keys);
      expect(output).toContain(`got ${name}\r\n\nstatus 3, terminal as before\n`);
    }
  });

  it('is raw again when the runtime has been stopped and goes on', async (box) => {
    const script = 'stty raw -echo; echo ready; head -c 1 >/dev/null; stty size; exit 9';
    const { keys, running, runtime } = await ready(box, script);
    running.child.kill('SIGUSR1');
    sendSignal(runtime, 'SIGSTOP');
    await until('it has been stopped', () => running.stdout().includes('\nstopped\n'));
    // No line, which is all that a terminal in its usual mode would pass on.
    keys.type('x');
    const output = await finish(running, keys);
    expect(output).toContain('50 132');
    expect(output).toContain('\nstatus 9, terminal as before\n');
  });

  it('keys pass while nobody looks at what is shown', async (box) => {
    const { keys, container, running, runtime } = await ready(
      box,
      'trap "exit 5" INT; echo ready; yes; exit 6',
    );
    running.child.kill('SIGUSR2');
    await isStuck(runtime);
    keys.type('\x03');
    await until('the container has ended', () => inside(container).length === 0);
    running.child.kill('SIGUSR2');
    expect(await finish(running, keys)).toContain('\nstatus 5, terminal as before\n');
  });

  it('whose last words nobody reads can be interrupted', async (box) => {
    const { keys, container, running, runtime } = await ready(
      box,
      'echo ready; yes & read a; exit 5',
    );
    running.child.kill('SIGUSR2');
    await isStuck(runtime);
    keys.type('now\n');
    await until('the container has ended', () => inside(container).length === 0);
    await isStuck(runtime);
    // In raw mode it would be a key like others, and there is nobody whom it could reach.
    keys.type('\x03');
    expect(await finish(running, keys)).toContain('\nstatus 5, terminal as before\n');
  });

  it('may be closed by the process and opened again', async (box) => {
    const { keys, running } = await ready(
      box,
      'exec 0<&- 1>&- 2>&-; echo ready >/dev/console; ' +
        'exec 0<>/dev/console 1>&0 2>&0; read a; echo "got $a"; exit 8',
    );
    keys.type('one\n');
    const output = await finish(running, keys);
    expect(output).toContain('got one\r\n');
    expect(output).toContain('\nstatus 8, terminal as before\n');
  });

  it('is gone for the process when it is gone for us', async (box) => {
    const { keys, container, running } = await ready(
      box,
      'trap "exit 3" HUP; echo ready; while :; do sleep 0.02; done',
    );
    running.child.kill('SIGKILL');
    await running.ended();
    keys.close();
    await until('the container has ended', () => inside(container).length === 0);
    await box.expectNothingLeft();
  });

  it('has the size of the configuration when nobody has a terminal', async (box) => {
    const container = box.container(
      onTerminal('stty size; exit 6', ({ process }) => {
        process.consoleSize = { height: 33, width: 101 };
      }),
    );
    // In a session of its own, which has no terminal.
    const command = [...engine.command, '--root', box.root, ...container.words('run')];
    const { status, stdout } = await startCall(box.folder, [
      'setsid',
      '--wait',
      ...command,
    ]).ended();
    expect([status, stdout]).toEqual([6, '33 101\n']);
  });

  it('tells when its output fits nowhere', async (box) => {
    const container = box.container(onTerminal('trap "exit 3" HUP; yes; exit 4'));
    const command = [...engine.command, '--root', box.root, ...container.words('run')];
    const script = '"$@" </dev/null >/dev/full';
    const running = anyOnPty(box, ['sh', '-c', script, 'sh', ...command]);
    const { stdout } = await running.ended();
    expect(stdout).toContain('the output is cut: write: ENOSPC');
    expect(stdout).toMatch(/\nstatus [1-9]\d*, terminal as before\n/);
  });

  it('loses none of many small writes', async (box) => {
    const script = 'i=0; while [ $i -lt 3000 ]; do printf "$i "; i=$((i+1)); done';
    const { stdout } = await onPty(box, box.container(onTerminal(script)).words('run')).ended();
    const numbers = Array.from({ length: 3000 }, (_, i) => `${i} `).join('');
    expect(stdout).toBe(`${numbers}\nstatus 0, terminal as before\n`);
  });

  it('loses nothing of what is typed, however much', async (box) => {
    const megabytes = engine.quick ? 50 : 10;
    const keys = keyboard(box);
    const script = `stty raw -echo; echo ready; head -c ${megabytes}000000 | sha256sum`;
    const container = box.container(onTerminal(script));
    const running = box.start(container.words('run'), { stdin: openSync(keys.path, 'r') });
    await until('it is ready', () => running.stdout().includes('ready'));
    const digest = createHash('sha256');
    for (let i = 0; i < megabytes; i++) {
      const block = `${i} of a pattern without a period of 4096 `
        .repeat(25_000)
        .slice(0, 1_000_000);
      digest.update(block);
      keys.type(block);
    }
    const output = await finish(running, keys);
    expect(output).toContain(`${digest.digest('hex')}  -`);
  });

  it('works through a bind mount of /dev/pts, beside the terminals of the host', async (box) => {
    const container = box.container(
      onTerminal('tty; stat -c %t:%T /dev/console', (config) => {
        config.mounts = config.mounts.map((mount) =>
          mount.destination === '/dev/pts'
            ? { destination: '/dev/pts', type: 'bind', source: '/dev/pts', options: ['rbind'] }
            : mount,
        );
      }),
    );
    const { stdout } = await onPty(box, container.words('run')).ended();
    expect(stdout).toMatch(/^\/dev\/pts\/\d+\r\n88:[0-9a-f]+\r\n\nstatus 0, terminal as before\n$/);
  });
});
