import { describe, expect, it } from 'vitest';
import { errno } from '../linux/errno.js';
import type { Natives } from '../linux/natives.js';
import { fakeHost } from '../testing/fake-host.js';
import { onCpus } from './limits.js';

const ours = [7, 0, 0, 0, 0, 0, 0, 0];

const on = (set: () => number = () => 0) => {
  const masks: number[][] = [];
  const natives: Partial<Natives> = {
    schedGetaffinity: (_, __, mask) => {
      mask!.set(ours);
      return ours.length;
    },
    schedSetaffinity: (_, length, mask) => {
      masks.push([...mask!.subarray(0, Number(length))]);
      return set();
    },
  };
  return { context: fakeHost({ natives }).context, masks };
};

describe('the CPUs on which a process is started', () => {
  it('are ours for so long, and not after it', () => {
    const { context, masks } = on();
    const during = onCpus(context, new Uint8Array([2]), () => structuredClone(masks));
    expect(during).toEqual([[2]]);
    expect(masks).toEqual([[2], ours]);
  });

  it('are not ours any more when it cannot be started', () => {
    const { context, masks } = on();
    const fail = () => {
      throw new Error('not started');
    };
    expect(() => onCpus(context, new Uint8Array([2]), fail)).toThrow('not started');
    expect(masks).toEqual([[2], ours]);
  });

  it('are told of when the kernel has none of them, and nothing is started', () => {
    const { context } = on(() => -errno.EINVAL);
    const start = () => expect.unreachable();
    expect(() => onCpus(context, new Uint8Array([2]), start)).toThrow(
      expect.objectContaining({
        at: '/process/execCPUAffinity/initial',
        call: expect.objectContaining({ name: 'sched_setaffinity', errno: errno.EINVAL }),
      }),
    );
  });

  it('are not looked at when there are none', () => {
    const { context, masks } = on();
    expect(onCpus(context, null, () => 'done')).toBe('done');
    expect(masks).toEqual([]);
  });
});
