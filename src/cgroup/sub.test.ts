import { describe, expect, it, test } from 'vitest';
import { base, recordV1 } from '../testing/plans.js';
import type { CgroupRecord } from './driver.js';
import { subCgroups } from './sub.js';

const v1 = recordV1(base);
const v2: CgroupRecord = {
  ...v1,
  mode: 'v2',
  directories: [{ ...v1.directories[0]!, controllers: [], path: '/sys/fs/cgroup/c1' }],
};

/** What each directory has got at its end, by its first controller. */
const added = (record: CgroupRecord, ...texts: string[]) =>
  Object.fromEntries(
    subCgroups(record, texts).directories.map(({ controllers, path }, i) => [
      controllers[0] ?? 'unified',
      path.slice(record.directories[i]!.path.length),
    ]),
  );

const messageOf = (record: CgroupRecord, ...texts: string[]): string => {
  try {
    subCgroups(record, texts);
    return 'fine';
  } catch (thrown) {
    return (thrown as Error).message;
  }
};

test('without --cgroup the container’s own cgroups are those of the process', () => {
  expect(subCgroups(v1, [])).toBe(v1);
});

describe('a path', () => {
  it('is below each cgroup of the container', () => {
    expect(new Set(Object.values(added(v1, '/a/b')))).toEqual(new Set(['/a/b']));
    expect(added(v2, '/a')).toEqual({ unified: '/a' });
  });

  it.each([
    ['a', '/a'],
    ['/a//./b/', '/a/b'],
    ['/', ''],
    ['', ''],
  ])('%j is %j', (text, expected) => {
    expect(messageOf(v2, text)).toBe('fine');
    expect(added(v2, text)).toEqual({ unified: expected });
  });

  it.each(['..', '../other', '/a/../../b', 'a/..', '/a\nb'])('%j is refused', (text) => {
    expect(messageOf(v2, text)).toBe(`bad sub cgroup path: ${text}`);
    expect(messageOf(v1, `pids:${text}`)).toContain('bad sub cgroup path');
  });
});

describe('a path with controllers', () => {
  it('is for these alone, whatever else a path is for', () => {
    const paths = added(v1, 'memory,pids:/a', '/b');
    expect(paths.memory).toBe('/a');
    expect(paths.pids).toBe('/a');
    expect(paths.freezer).toBe('/b');
    expect(added(v1, 'pids:/a')).toMatchObject({ pids: '/a', freezer: '' });
  });

  it('needs controllers that the container has', () => {
    expect(messageOf(v2, ':/a')).toContain('unknown controller');
    expect(messageOf(v1, 'pids,nothing:/a')).toBe('unknown controller nothing in a sub cgroup');
    expect(messageOf(v2, 'memory:/a')).toContain('unknown controller memory');
  });
});
