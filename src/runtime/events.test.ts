import { describe, expect, it, test } from 'vitest';
import { POLLIN, POLLPRI } from '../linux/constants.js';
import { stringify } from '../spec/json.js';
import { decodeRecord, encodeRecord } from '../state/encoding.js';
import { linkNode } from '../testing/fake-tree.js';
import { createdHost, type RuntimeHost, runtimeHost } from '../testing/runtime-host.js';
import { type ContainerEvent, tellStats, watchEvents } from './events.js';
import { parseInterfaces } from './network-stats.js';
import { resctrlStats } from './resctrl-stats.js';

const INIT = 4242;
const MEMORY = '/sys/fs/cgroup/memory/c1';

interface Script {
  /** What happens in the n-th wait; answers the events that are then pending, by descriptor name. */
  readonly waits: readonly ((host: RuntimeHost) => Readonly<Record<string, number>>)[];
}

/** A running container, and a clock that stands still but for the waits, each of them a second. */
function scripted({ waits }: Script, mode: 'v1' | 'v2' = 'v1') {
  let now = 0n;
  let wait = 0;
  const seen: string[][] = [];
  const host: RuntimeHost = createdHost({
    natives: {
      eventfd2: () => host.machine.open(host.machine.anonymous('eventfd')),
      clockGettime: (_, buffer) => {
        new BigInt64Array(buffer!.buffer, 0, 2).set([now, 0n]);
        return 0;
      },
      ppoll: (fds) => {
        const entries = new Int32Array(fds!.buffer);
        const names: string[] = [];
        const pending = waits[wait++]?.(host) ?? {};
        now++;
        for (let i = 0; i < entries.length; i += 2) {
          const { name } = host.machine.table.get(entries[i]!)!;
          names.push(`${name} ${entries[i + 1]!}`);
          entries[i + 1] = entries[i + 1]! | ((pending[name] ?? 0) << 16);
        }
        seen.push(names);
        return Object.keys(pending).length;
      },
    },
  });
  for (const pid of [INIT, 'self'])
    host.machine.tree.put(`/proc/${pid}/ns/net`, linkNode(`net:[${pid}]`));
  host.machine.tree.put(`${MEMORY}/cgroup.event_control`, '');
  if (mode === 'v2') {
    const path = '/run/runts/c1/state.json';
    const record = decodeRecord(host.machine.tree.text(path)!, 'c1');
    const directories = [{ path: MEMORY, controllers: [], mountpoint: '/sys/fs/cgroup/memory' }];
    const text = encodeRecord({ ...record, cgroup: { mode, directories } });
    host.machine.tree.put(path, text);
    host.machine.tree.put(`${MEMORY}/memory.events`, 'oom_kill 1\n');
  }
  const events: ContainerEvent[] = [];
  const run = (interval = 1000) =>
    watchEvents(host.runtime, 'c1', interval, (event) => events.push(event));
  return { host, events, run, seen };
}

const ends = { [`process ${INIT}`]: POLLIN };
const types = (events: readonly ContainerEvent[]) => events.map(({ type }) => type);

describe('watching', () => {
  it('tells statistics once an interval has passed, until init has ended', () => {
    const { host, events, run } = scripted({ waits: [() => ({}), () => ({}), () => ends] });
    run();
    expect(types(events)).toEqual(['stats', 'stats']);
    expect(host.open()).toEqual([]);
  });

  it('waits on after what comes in between', () => {
    const { events, run } = scripted({ waits: [() => ({}), () => ({}), () => ({}), () => ends] });
    run(2000);
    expect(types(events)).toEqual(['stats']);
  });

  it('v1: has an eventfd that is told of the end of memory', () => {
    const full = (host: RuntimeHost) => {
      const [, event] = [...host.machine.table].find(([, { name }]) => name === 'eventfd')!;
      event.node.bytes = new Uint8Array(8).fill(1);
      event.offset = 0;
      return { eventfd: POLLIN };
    };
    const { host, events, run, seen } = scripted({ waits: [full, () => ends] });
    run(10_000);
    expect(events).toEqual([{ type: 'oom', id: 'c1' }]);
    expect(stringify(events[0])).toBe('{"type":"oom","id":"c1"}');
    expect(seen[0]).toEqual([`process ${INIT} ${POLLIN}`, `eventfd ${POLLIN}`]);
    expect(host.machine.tree.text(`${MEMORY}/cgroup.event_control`)).toMatch(/^\d+ \d+$/);
    expect(host.open()).toEqual([]);
  });

  it('v1: does not take the end of the cgroup for that', () => {
    const gone = (host: RuntimeHost) => {
      const [, event] = [...host.machine.table].find(([, { name }]) => name === 'eventfd')!;
      event.node.bytes = new Uint8Array(8).fill(1);
      event.offset = 0;
      host.machine.tree.remove(`${MEMORY}/memory.oom_control`);
      return ends;
    };
    const { events, run } = scripted({ waits: [gone] });
    run();
    expect(events).toEqual([]);
  });

  it('v2: polls memory.events, and counts kills', () => {
    const name = `${MEMORY}/memory.events`;
    const kill =
      (count: number, more = {}) =>
      (host: RuntimeHost) => {
        host.machine.tree.put(name, `low 0\noom_kill ${count}\n`);
        const file = [...host.machine.table.values()].find((each) => each.name === name)!;
        file.node.bytes = Buffer.from(`low 0\noom_kill ${count}\n`);
        return { [name]: POLLPRI, ...more };
      };
    const { host, events, run, seen } = scripted(
      { waits: [kill(1), kill(2), kill(3, ends)] },
      'v2',
    );
    run(10_000);
    expect(types(events)).toEqual(['oom', 'oom']);
    expect(seen[0]).toContain(`${name} ${POLLPRI}`);
    expect(host.open()).toEqual([]);
  });
});

test('statistics of a container that has ended, or is not there, are refused', () => {
  const host = createdHost();
  host.machine.end(INIT, 0);
  expect(() => tellStats(host.runtime, 'c1', () => {})).toThrow(
    'container with id c1 is not running',
  );
  expect(host.open()).toEqual([]);
  const none = runtimeHost().runtime;
  expect(() => tellStats(none, 'c1', () => {})).toThrow('container does not exist');
});

test('interfaces are told but the loopback', () => {
  const text = `Inter-|   Receive  |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets
    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0
  eth0:9007199254740993 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0
`;
  expect(parseInterfaces(text)).toEqual([
    {
      Name: 'eth0',
      RxBytes: 9007199254740993n,
      RxPackets: 2n,
      RxErrors: 3n,
      RxDropped: 4n,
      TxBytes: 5n,
      TxPackets: 6n,
      TxErrors: 7n,
      TxDropped: 8n,
    },
  ]);
});

test('resctrl tells schemas, what the machine has, and what the group uses', () => {
  const root = '/sys/fs/resctrl';
  const group = `${root}/gold`;
  const { runtime } = runtimeHost({
    files: {
      [`${root}/schemata`]: '    L3:0=ff\n    MB:0=100\n',
      [`${root}/info/L3/cbm_mask`]: 'ff\n',
      [`${root}/info/L3/min_cbm_bits`]: '1\n',
      [`${root}/info/L3/num_closids`]: '16\n',
      [`${group}/schemata`]: '    L3:0=f\n    MB:0=50\n',
      [`${group}/mon_data/mon_L3_00/llc_occupancy`]: '4096\n',
      [`${group}/mon_data/mon_L3_00/mbm_total_bytes`]: '7\n',
      [`${group}/mon_data/mon_L3_00/mbm_local_bytes`]: '5\n',
    },
  });
  expect(JSON.parse(stringify(resctrlStats(runtime, { group, monitor: null })))).toEqual({
    l3_cache_info: { cbm_mask: 'ff', min_cbm_bits: 1, num_closids: 16 },
    l3_cache_schema_root: 'L3:0=ff',
    l3_cache_schema: 'L3:0=f',
    mem_bw_schema_root: 'MB:0=100',
    mem_bw_schema: 'MB:0=50',
    schemata: ['L3:0=f', 'MB:0=50'],
    mbm_stats: [{ mbm_total_bytes: 7, mbm_local_bytes: 5 }],
    cmt_stats: [{ llc_occupancy: 4096 }],
  });
  expect(resctrlStats(runtime, undefined)).toEqual({});
});
