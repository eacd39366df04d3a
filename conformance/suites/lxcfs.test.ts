import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Box } from '../lib/box.js';
import type { Config } from '../lib/config.js';
import type { Engine } from '../lib/engines.js';
import { boxed, suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const program = '/usr/bin/lxcfs';

/** Why the tests with lxcfs itself cannot run here, or undefined. */
function obstacle(): string | undefined {
  if (!existsSync(program)) return 'lxcfs is not installed';
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return 'there is no /dev/fuse';
  }
}

const why = obstacle();

/** lxcfs in a mount namespace of its own, which the runtime enters. */
async function withLxcfs(engine: Engine, act: (box: Box, place: string) => Promise<void>) {
  const folder = new Box(engine);
  const place = folder.folderFor('lxcfs');
  // It leaves directories of its own in /run.
  const command = 'mount -t tmpfs none /run; exec "$@"';
  const own = [program, '-f', '-p', join(folder.folder, 'pid'), place];
  const lxcfs = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-ec', command, 'sh', ...own],
    { stdio: 'ignore' },
  );
  try {
    const mounts = `/proc/${lxcfs.pid}/mounts`;
    await until('lxcfs is mounted', () => readFileSync(mounts, 'utf8').includes(place));
    const enter = ['nsenter', `--mount=/proc/${lxcfs.pid}/ns/mnt`];
    const inside = { ...engine, command: [...enter, ...engine.command] };
    await boxed(inside, (box) => act(box, place))();
  } finally {
    await stopped(lxcfs);
    await folder.close();
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const MEBIBYTE = 1 << 20;

const limited = (place: string) => (config: Config) => {
  config.annotations = { 'run.runts.lxcfs': place };
  config.linux.resources = { memory: { limit: 64 * MEBIBYTE }, cpu: { cpus: '0' } };
};

suite('lxcfs', ({ it, engine }) => {
  test.skipIf(why !== undefined)(
    `shows a container its own limits (${engine.name}${why ? `: ${why}` : ''})`,
    () =>
      withLxcfs(engine, async (box, place) => {
        const files = 'cpuinfo meminfo stat uptime loadavg swaps diskstats';
        const output = await box.inside(
          `head -n 1 /proc/meminfo; grep -c ^processor /proc/cpuinfo; grep -c '^cpu[0-9]' /proc/stat
           for f in ${files}; do grep " /proc/$f " /proc/self/mountinfo | cut -d ' ' -f 5,6; done
           busybox top -b -n 1 | sed -n 's/^Mem: \\([0-9]*\\)K used, \\([0-9]*\\)K free.*/\\1 \\2/p' |
             while read used free; do expr $used + $free; done`,
          limited(place),
        );
        const mounted = files.split(' ').map((name) => `/proc/${name} ro,nosuid,nodev,noexec`);
        const lines = output.trimEnd().split('\n');
        expect(lines.map((line) => line.replace(',relatime', ''))).toEqual([
          expect.stringMatching(/^MemTotal: +65536 kB$/),
          '1',
          '1',
          ...mounted,
          '65536',
        ]);
      }),
  );

  it('is refused when it is not there, by the annotation that asks for it', async (box) => {
    const plain = box.folderFor('plain');
    mkdirSync(join(plain, 'proc'));
    writeFileSync(join(plain, 'proc/meminfo'), 'MemTotal: 1 kB\n');
    const cases: readonly (readonly [value: string, message: RegExp])[] = [
      [join(plain, 'none'), /no lxcfs at .*\/none: it has no directory proc/],
      [plain, /no lxcfs at .*\/plain: nothing of type FUSE is mounted there/],
      ['yes', /\\"yes\\" is neither true, false nor a path/],
    ];
    for (const [value, message] of cases) {
      const refusal = await box.refusal((config) => {
        config.annotations = { 'run.runts.lxcfs': value };
      });
      expect(refusal).toMatch(message);
      expect(refusal).toContain('/annotations/run.runts.lxcfs: ');
    }
  });

  it('is left alone when nobody asks for it', async (box) => {
    const output = await box.inside('grep -c " /proc/" /proc/self/mountinfo; true', (config) => {
      config.annotations = { 'run.runts.lxcfs': 'false' };
      config.linux.maskedPaths = [];
      config.linux.readonlyPaths = [];
    });
    expect(output).toBe('0\n');
  });
});
