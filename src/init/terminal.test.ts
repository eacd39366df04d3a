import { describe, expect, it } from 'vitest';
import { DEVPTS_SUPER_MAGIC, S_IFCHR, TIOCSWINSZ } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { TerminalPlan } from '../plan/plan.js';
import { errorOf } from '../testing/error-of.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { directoryNode, type FakeNode, linkNode, makeNode } from '../testing/fake-tree.js';
import { device, type Stage, stage } from '../testing/init-host.js';
import { makeTerminal } from './terminal.js';

const dev = '/bundle/rootfs/dev';
const multiplexer = () =>
  makeNode({ mode: S_IFCHR | 0o666, major: 5, minor: 2, magic: DEVPTS_SUPER_MAGIC });

const devpts = { [`${dev}/pts/ptmx`]: multiplexer() };

function set(
  terminal: TerminalPlan | null,
  files: Readonly<Record<string, string | FakeNode>> = devpts,
  setup: FakeHostSetup = {},
): Stage & { make(): string | null } {
  const staged = stage(
    { terminal },
    {
      ...setup,
      files,
      natives: {
        ioctl: () => 0,
        ioctlValue: () => {
          const node = device(136, 0);
          return staged.machine.open(staged.machine.anonymous('slave', { node }));
        },
        fchownat: () => 0,
        ...setup.natives,
      },
    },
  );
  const make = () => {
    const slave = makeTerminal(staged.init, staged.root);
    return slave === null ? null : (staged.machine.table.get(slave.number)?.name ?? 'closed');
  };
  return { ...staged, make };
}

const bare: TerminalPlan = { console: null, size: null };
const made: TerminalPlan = { console: 'made', size: null };
const found: TerminalPlan = { console: 'found', size: null };
const onlyRoot = ['/bundle/rootfs'];

describe('the terminal of a process', () => {
  it('costs nothing when none is asked for', () => {
    const { make, lines } = set(null);
    expect([make(), lines()]).toEqual([null, []]);
  });

  it('comes from the devpts of the container, and its master goes to the parent', () => {
    const { make, machine, open } = set(bare);
    expect(make()).toBe('slave');
    expect(machine.sent).toEqual(['{"type":"terminal"}']);
    expect(open()).toEqual([...onlyRoot, 'slave']);
  });

  it('may come from /dev/ptmx, when that is in a devpts', () => {
    expect(set(bare, { [`${dev}/ptmx`]: multiplexer() }).make()).toBe('slave');
  });

  it.each([
    ['nothing', {}],
    ['a device elsewhere', { [`${dev}/ptmx`]: device(5, 2) }],
    ['another device', { [`${dev}/pts/ptmx`]: { ...multiplexer(), minor: 3 } }],
    ['a file', { [`${dev}/pts/ptmx`]: makeNode({ magic: DEVPTS_SUPER_MAGIC }) }],
  ])('is not made from %s', (_, files) => {
    const { make, open, machine } = set(bare, files);
    const error = errorOf(make);
    expect([error.code, error.at]).toEqual(['invalid-config', '/process/terminal']);
    expect(error.message).toContain('no devpts is mounted');
    expect([open(), machine.sent]).toEqual([onlyRoot, []]);
  });

  it('is looked at before it is opened, since opening a device may do things', () => {
    const { make, lines } = set(bare, { [`${dev}/pts/ptmx`]: device(1, 1) });
    errorOf(make);
    expect(lines().filter((line) => line.startsWith('openat2') && !/PATH/.test(line))).toEqual([]);
  });

  it('has the size that is asked for', () => {
    const sizes: Uint16Array[] = [];
    const ioctl = (_: number, request: number | bigint, data: Uint8Array | null) => {
      if (Number(request) === TIOCSWINSZ) sizes.push(new Uint16Array(data!.slice().buffer));
      return 0;
    };
    set({ console: null, size: { rows: 33, columns: 101 } }, devpts, { natives: { ioctl } }).make();
    expect(sizes).toEqual([new Uint16Array([33, 101, 0, 0])]);
  });
});

describe('/dev/console', () => {
  const moves = (lines: readonly string[]) => lines.filter((line) => line.startsWith('move'));

  it('is made, and the terminal is mounted on it by descriptors alone (CVE-2025-52565)', () => {
    const { make, lines } = set(made);
    expect(make()).toBe('slave');
    expect(moves(lines())).toHaveLength(1);
    expect(lines().filter((line) => /"console"/.test(line))).toEqual([
      expect.stringContaining('CREAT|EXCL|NOFOLLOW'),
      expect.stringMatching(/NOFOLLOW\|PATH, BENEATH\|NO_SYMLINKS/),
    ]);
  });

  it.each([
    ['a device', device(5, 1)],
    ['a file', makeNode()],
  ])('may be %s already', (_, node) => {
    const { make, lines } = set(made, { ...devpts, [`${dev}/console`]: node });
    expect(make()).toBe('slave');
    expect(moves(lines())).toHaveLength(1);
  });

  it.each([
    ['a directory', directoryNode()],
    ['a pipe', makeNode({ mode: 0o010600 })],
  ])('is not covered when it is %s', (_, node) => {
    const { make, lines, open } = set(made, { ...devpts, [`${dev}/console`]: node });
    expect(errorOf(make).message).toBe('something else stands at /dev/console already');
    expect([moves(lines()), open()]).toEqual([[], onlyRoot]);
  });

  it('is never reached through a link (CVE-2025-52565)', () => {
    const link = linkNode('/proc/sysrq-trigger');
    const { make, lines, open } = set(made, { ...devpts, [`${dev}/console`]: link });
    expect(errorOf(make).message).toBe('something else stands at /dev/console already');
    expect([moves(lines()), open()]).toEqual([[], onlyRoot]);
  });

  it('is not made in a /dev of the host', () => {
    const { make, lines } = set(found);
    expect(make()).toBe('slave');
    expect(lines().join('\n')).not.toContain('CREAT');
    expect(moves(lines())).toEqual([]);
  });

  it('of a /dev of the host is covered in the container', () => {
    const { make, lines } = set(found, { ...devpts, [`${dev}/console`]: device(5, 1) });
    expect(make()).toBe('slave');
    expect(moves(lines())).toHaveLength(1);
  });
});

describe('a terminal that cannot be made whole', () => {
  const { make, calls, lines } = set({ ...made, size: { rows: 1, columns: 1 } });
  make();
  const first = calls.length - lines().length;
  const own = calls.slice(first).map(({ name }, i) => [first + i, name] as const);

  it.each(own)('leaves nothing open: call %i, %s', (call) => {
    const failing = { call, errno: errno.EIO };
    const tried = set({ ...made, size: { rows: 1, columns: 1 } }, devpts, { failing });
    const error = errorOf(tried.make);
    expect(error.steps[0]).toBe('make the terminal');
    expect(tried.open()).toEqual(onlyRoot);
  });
});
