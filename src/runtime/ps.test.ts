import { describe, expect, it, test } from 'vitest';
import { decodeRecord, encodeRecord } from '../state/encoding.js';
import { errorOf } from '../testing/error-of.js';
import { type FakeEnd, fakePrograms } from '../testing/fake-programs.js';
import { makeNode } from '../testing/fake-tree.js';
import { createdHost, type RuntimeHost, runtimeHost } from '../testing/runtime-host.js';
import { containerPids, linesOf, processTable } from './ps.js';

const PIDS = '/sys/fs/cgroup/pids/c1';

/** A container with two processes, and a ps(1) that prints this. */
function hostWith(printed: string, end: FakeEnd = {}): RuntimeHost {
  const { natives } = fakePrograms({ '/bin/ps': end });
  const host: RuntimeHost = createdHost({
    environment: ['PATH=relative:/usr/bin:/bin'],
    files: { '/bin/ps': makeNode({ mode: 0o100755 }) },
    natives: {
      runProgram: (...args) => {
        const output = [...host.machine.table.values()].find(({ name }) => name === 'memfd ps')!;
        output.node.bytes = Buffer.from(printed);
        output.offset = printed.length;
        return natives.runProgram(...args);
      },
    },
  });
  host.machine.tree.put(`${PIDS}/cgroup.procs`, '4242\n');
  host.machine.tree.put(`${PIDS}/below/cgroup.procs`, '70\n0\n4242\n');
  return host;
}

const printed = `UID        PID  PPID CMD
root         1     0 init
root      4242     1 sleep 70
root        70  4242 sleep 1
`;

test('processes are those of all levels of the cgroup, each once', () => {
  const host = hostWith('');
  expect(containerPids(host.runtime, 'c1')).toEqual([70, 4242]);
  expect(host.open()).toEqual([]);
});

test('a container without a cgroup is refused, and so is none', () => {
  const host = createdHost();
  const path = '/run/runts/c1/state.json';
  const record = decodeRecord(host.machine.tree.text(path)!, 'c1');
  const without = { ...record, freezer: null, cgroup: { ...record.cgroup, directories: [] } };
  host.machine.tree.put(path, encodeRecord(without));
  expect(errorOf(() => containerPids(host.runtime, 'c1')).message).toContain('has no cgroup');
  const { runtime } = runtimeHost();
  expect(errorOf(() => containerPids(runtime, 'c1')).message).toContain('does not exist');
});

describe('the table', () => {
  it('has the head and the lines of the container', () => {
    const host = hostWith(printed);
    expect(processTable(host.runtime, 'c1', [])).toBe(
      printed.replace('root         1     0 init\n', ''),
    );
    expect(host.open()).toEqual([]);
  });

  it('finds the column by its name, wherever it is', () => {
    expect(linesOf('  PID CMD\n    7 a 8\n    8 b\n', [8])).toBe('  PID CMD\n    8 b\n');
    expect(linesOf('CMD PID\n8 7\n7 8\n', [8])).toBe('CMD PID\n7 8\n');
  });

  it('is the head alone when nothing runs', () => {
    expect(linesOf('PID\n1\n', [])).toBe('PID\n');
  });

  it.each(['', 'CMD\nx\n', 'PPID\n8\n'])('needs a column of ids: %j', (text) => {
    expect(errorOf(() => linesOf(text, [8])).message).toBe("couldn't find PID field in ps output");
  });

  it('tells what ps says when it fails, or how it ended', () => {
    const said = hostWith('', { status: 256, stderr: 'error: unknown\nUsage: ps\n' });
    expect(errorOf(() => processTable(said.runtime, 'c1', ['-Q']))).toMatchObject({
      message: 'ps -Q: error: unknown; Usage: ps',
    });
    const silent = hostWith('', { status: 256 });
    expect(errorOf(() => processTable(silent.runtime, 'c1', ['-Q'])).message).toBe(
      'ps -Q: exit status 1',
    );
    expect(silent.open()).toEqual([]);
  });

  it('says when there is no ps, in words that are not about the container', () => {
    const host = createdHost({ environment: ['PATH=/nowhere'] });
    const error = errorOf(() => processTable(host.runtime, 'c1', []));
    expect(error).toMatchObject({ code: 'host', message: 'the program ps is not in $PATH' });
    expect(error.hint).toContain('procps');
    expect(host.open()).toEqual([]);
  });
});
