import { execFileSync } from 'node:child_process';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { asRuntimeError } from '../errors/error.js';
import { namespaceKindOf } from '../host/namespace.js';
import { stat } from '../host/stat.js';
import { S_IFDIR, S_IFLNK } from '../linux/constants.js';
import type { MountPlan, Plan } from '../plan/plan.js';
import { describeAsRoot } from '../testing/as-root.js';
import { kernelContext } from '../testing/cgroup-scenario.js';
import { planOf, withMounts } from '../testing/plans.js';
import { MountSources } from './mount-sources.js';

const context = kernelContext();
const folder = mkdtempSync(join(tmpdir(), 'runts-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'source'));
writeFileSync(join(folder, 'source/file'), '');
chownSync(join(folder, 'source/file'), 5, 6);
symlinkSync('source', join(folder, 'link'));

const ids = (uids: string, gids = uids) => ({
  idmap: { path: '', uids: `${uids}\n`, gids: `${gids}\n`, recursive: false },
});

/** A plan whose mounts differ from bind mounts of the folder by `changes`. */
function planWith(...changes: Partial<MountPlan>[]): Plan {
  const mount = { destination: '/m', type: 'bind', source: join(folder, 'source') };
  const plan = planOf(withMounts(...changes.map(() => mount)));
  return { ...plan, mounts: plan.mounts.map((each, i) => ({ ...each, ...changes[i] })) };
}

const children = () =>
  execFileSync('ps', ['--ppid', String(process.pid), '-o', 'comm='], { encoding: 'utf8' })
    .split('\n')
    .filter((name) => name !== '' && name !== 'ps');

const open = () => readdirSync('/proc/self/fd').length;

describeAsRoot('what the parent opens for mounts', () => {
  it('is nothing when no mount asks for it', () => {
    const before = open();
    using sources = new MountSources(context, planWith({}, {}));
    expect(sources.numbers).toEqual({ trees: {}, userNamespaces: {} });
    expect(open()).toBe(before);
  });

  it('is a copy of each source that is handed over, with the ids of its mapping', () => {
    const plan = planWith({ handed: true }, {}, { handed: true, ...ids('0 100 10') });
    using sources = new MountSources(context, plan);
    const { trees, userNamespaces } = sources.numbers;
    expect(Object.keys(trees)).toEqual(['0', '2']);
    expect(userNamespaces).toEqual({});
    expect(stat(context, trees[0]!).type).toBe(S_IFDIR);
    expect(stat(context, trees[0]!, 'file')).toMatchObject({ uid: 5, gid: 6 });
    expect(stat(context, trees[2]!, 'file')).toMatchObject({ uid: 105, gid: 106 });
  });

  it('is one user namespace for all mounts with the same ids', () => {
    const plan = planWith(ids('0 100 10'), ids('0 100 10'), ids('0 100 11'));
    using sources = new MountSources(context, plan);
    const { trees, userNamespaces } = sources.numbers;
    expect(trees).toEqual({});
    expect(userNamespaces[0]).toBe(userNamespaces[1]);
    const names = [0, 2].map((i) => readlinkSync(`/proc/self/fd/${userNamespaces[i]}`));
    expect(new Set(names).size).toBe(2);
    expect(namespaceKindOf(context, userNamespaces[2]!)).toBe('user');
  });

  it('is the user namespace at a path, if there is one', () => {
    const at = (path: string) =>
      planWith({ idmap: { path, uids: '', gids: '', recursive: false } });
    using sources = new MountSources(context, at('/proc/self/ns/user'));
    expect(readlinkSync(`/proc/self/fd/${sources.numbers.userNamespaces[0]}`)).toBe(
      readlinkSync('/proc/self/ns/user'),
    );
    expect(() => new MountSources(context, at('/proc/self/ns/net'))).toThrow('no user namespace');
  });

  it('is the link itself where that is asked for', () => {
    const source = join(folder, 'link');
    const plan = planWith(
      { handed: true, source },
      { handed: true, source, sourceNoFollow: true },
      { handed: true, source, copySymlink: true },
    );
    using sources = new MountSources(context, plan);
    const types = [0, 1, 2].map((i) => stat(context, sources.numbers.trees[i]!).type);
    expect(types).toEqual([S_IFDIR, S_IFLNK, S_IFLNK]);
  });

  it('is closed in the end, and no process is left', () => {
    const [fds, processes] = [open(), children()];
    const plan = planWith({ handed: true, ...ids('0 100 10') }, ids('0 7 1'));
    new MountSources(context, plan)[Symbol.dispose]();
    expect(open()).toBe(fds);
    expect(children()).toEqual(processes);
  });

  it.each([
    ['a source that is missing', { handed: true, source: '/no/such/place' }, ['open_tree', 2]],
    ['ids that overlap', ids('0 1 10\n5 20 10'), ['write', 22]],
    ['groups that overlap', ids('0 1 10', '0 1 10\n5 20 10'), ['write', 22]],
  ] as const)('leaves nothing behind when it fails because of %s', (_, change, [name, errno]) => {
    const [fds, processes] = [open(), children()];
    let error: unknown;
    try {
      new MountSources(context, planWith({ handed: true }, change));
    } catch (thrown) {
      error = thrown;
    }
    expect(asRuntimeError(error)).toMatchObject({ at: '/mounts/1', call: { name, errno } });
    expect(open()).toBe(fds);
    expect(children()).toEqual(processes);
  });
});
