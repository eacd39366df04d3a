import { readFileSync, readlinkSync } from 'node:fs';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Prepare } from '../lib/container.js';
import { inUserNamespace, othersRun } from '../lib/ids.js';
import { suite } from '../lib/suite.js';

const withOffsets =
  (timeOffsets: Record<string, { secs?: number; nanosecs?: number }>): Prepare =>
  ({ linux }) => {
    linux.namespaces.push({ type: 'time' });
    Object.assign(linux, { timeOffsets });
  };

const DAY = 86_400;
const uptime = (text: string): number => Number(text.split(' ')[0]);
const hostUptime = (): number => uptime(readFileSync('/proc/uptime', 'utf8'));

suite('a time namespace', ({ it, engine }) => {
  it('is of the container alone', async (box) => {
    const output = await box.inside('readlink /proc/self/ns/time', withOffsets({}));
    expect(output).toMatch(/^time:\[\d+\]\n$/);
    expect(output.trim()).not.toBe(readlinkSync('/proc/self/ns/time'));
  });

  it('shifts the clocks by the offsets of the configuration', async (box) => {
    const before = hostUptime();
    const offsets = { boottime: { secs: 10 * DAY, nanosecs: 5 }, monotonic: { secs: DAY } };
    const output = await box.inside(
      'cat /proc/uptime /proc/self/timens_offsets',
      withOffsets(offsets),
    );
    const [first = '', ...lines] = output.trim().split('\n');
    expect(uptime(first) - 10 * DAY).toBeGreaterThanOrEqual(before);
    expect(uptime(first) - 10 * DAY).toBeLessThanOrEqual(hostUptime() + 1);
    expect(lines.map((line) => line.split(/\s+/))).toEqual([
      ['monotonic', String(DAY), '0'],
      ['boottime', String(10 * DAY), '5'],
    ]);
  });

  it('belongs to the user namespace when there is one', async (box) => {
    if (!othersRun(engine)) return;
    const before = hostUptime();
    const output = await box.inside(
      'cat /proc/uptime; id -u',
      inUserNamespace(box, (config) =>
        withOffsets({ boottime: { secs: DAY } })(config, { bundle: '', rootfs: '' }),
      ),
    );
    expect(uptime(output) - DAY).toBeGreaterThanOrEqual(before);
    expect(output.endsWith('\n0\n')).toBe(true);
  });

  it('is joined by its path', async (box) => {
    const base = box.container((config, paths) => {
      withOffsets({ boottime: { secs: DAY } })(config, paths);
      config.process.args = ['sleep', '1000'];
    });
    const pid = await base.started();
    const path = `/proc/${pid}/ns/time`;
    const output = await box.inside('readlink /proc/self/ns/time', ({ linux }) => {
      linux.namespaces.push({ type: 'time', path });
    });
    expect(output.trim()).toBe(readlinkSync(path));
  });

  const refusal = (box: Box, offsets: Parameters<typeof withOffsets>[0]) =>
    box.refusal(withOffsets(offsets));

  it('is not made with an offset that the kernel refuses', async (box) => {
    const message = await refusal(box, { monotonic: { secs: -1e9 } });
    expect(message).toMatch(/\/linux\/timeOffsets: write\(.*ERANGE/);
  });
});
