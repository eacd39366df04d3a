import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Box } from '../lib/box.js';
import type { Config } from '../lib/config.js';
import { staticEngine } from '../lib/engines.js';
import { recordCalls, withFault } from '../lib/faults.js';
import { inUserNamespace } from '../lib/ids.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const namespaceOf = (pid: number | string): string => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return '';
  }
};

/** A network namespace in which the runtime is called, with devices of its own. */
class Host {
  /** Whose runtime runs in it. */
  readonly box: Box;
  readonly #enter: readonly string[];

  constructor(box: Box, pid: number) {
    this.#enter = ['nsenter', `--net=/proc/${pid}/ns/net`];
    this.box = new Box({
      ...box.engine,
      command: [...this.#enter, ...box.engine.command],
    });
  }

  shell(script: string): string {
    const [program = '', ...args] = [...this.#enter, 'sh', '-ec', script];
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${script}: ${stderr}`);
    return stdout;
  }

  /** A pair of devices, of which the first has addresses of all kinds. */
  make(name: string): void {
    this.shell(
      [
        `link add ${name} type veth`,
        `link set ${name} mtu 1400`,
        `link set ${name} address 02:00:00:00:00:07`,
        `addr add 10.9.0.2/24 dev ${name}`,
        `addr add 10.9.1.2 peer 10.9.1.1/32 dev ${name}`,
        `addr add 10.9.2.2/24 dev ${name} scope link`,
        `addr add fd00::2/64 dev ${name}`,
        `link set ${name} up`,
      ]
        .map((words) => `busybox ip ${words}\n`)
        .join(''),
    );
  }

  show(name: string): string {
    return this.shell(`busybox ip addr show dev ${name}`);
  }

  /** Without the other ends, which the kernel has named. */
  names(): string[] {
    return namesIn(this.shell('busybox ip link')).filter((name) => !name.startsWith('veth'));
  }
}

const namesIn = (text: string): string[] =>
  [...text.matchAll(/^\d+: ([^:@]+)/gm)].map(([, name = '']) => name).sort();

async function onHost(box: Box, act: (host: Host) => Promise<void>): Promise<void> {
  const child = spawn('unshare', ['--net', 'sleep', '1000'], { stdio: 'ignore' });
  const pid = child.pid!;
  try {
    await until('there is a network namespace', () => {
      const found = namespaceOf(pid);
      return found !== '' && found !== namespaceOf('self');
    });
    const host = new Host(box, pid);
    await act(host).finally(() => host.box.close());
  } finally {
    child.kill('SIGKILL');
  }
}

const wanting =
  (netDevices: object) =>
  ({ linux }: Config) => {
    linux.netDevices = netDevices;
  };

/** All that is kept of a device; the kernel checks IPv6 addresses anew. */
const kept = [
  'mtu 1400',
  'link/ether 02:00:00:00:00:07',
  'inet 10.9.0.2/24 scope global',
  'inet 10.9.1.2 peer 10.9.1.1/32 scope global',
  'inet6 fd00::2/64 scope global',
];

const expectAll = (text: string, parts: readonly string[]): void => {
  for (const part of parts) expect(text).toContain(part);
};

suite('network devices', ({ it, engine }) => {
  it('go into the container with what they are, under their new names', (box) =>
    onHost(box, async (host) => {
      host.make('ext0');
      const output = await host.box.inside('ip addr', wanting({ ext0: { name: 'inner' } }));
      expect(namesIn(output)).toEqual(['inner', 'lo']);
      expectAll(output, [...kept, 'inet 127.0.0.1/8']);
      expect(output).toMatch(/: inner(@.*)?:.*[<,]UP[,>]/);
      expect(output).not.toContain('10.9.2.2');
    }));

  it('keep their names, or get some that are free', (box) =>
    onHost(box, async (host) => {
      for (const name of ['ext0', 'ext1', 'ext2']) host.make(name);
      const container = host.box.container((config) => {
        config.process.args = ['sh', '-c', 'ip link; sleep 1000'];
        wanting({ ext0: {}, ext1: { name: 'net%d' }, ext2: { name: 'net%d' } })(config);
      });
      await container.started();
      await container.wrote('net1');
      expect(namesIn(container.output())).toEqual(['ext0', 'lo', 'net0', 'net1']);
      expect(host.names()).toEqual(['lo']);
    }));

  it('have their kernel parameters', (box) =>
    onHost(box, async (host) => {
      host.make('ext0');
      const show = 'cat /proc/sys/net/ipv4/conf/inner/forwarding';
      const output = await host.box.inside(show, (config) => {
        wanting({ ext0: { name: 'inner' } })(config);
        config.linux.sysctl = { 'net.ipv4.conf.inner.forwarding': '1' };
      });
      expect(output).toBe('1\n');
    }));

  it('go into a network namespace of a user namespace, too', (box) =>
    onHost(box, async (host) => {
      host.make('ext0');
      const change = wanting({ ext0: { name: 'inner' } });
      const output = await host.box.inside('ip addr', inUserNamespace(host.box, change));
      expect(namesIn(output)).toEqual(['inner', 'lo']);
      expectAll(output, kept);
    }));

  it('are refused by the place in the configuration, and stay where they are', (box) =>
    onHost(box, async (host) => {
      host.make('ext0');
      const refused = [
        [{ gone: {} }, '/linux/netDevices/gone: there is no network device'],
        [{ ext0: { name: 'lo' } }, '/linux/netDevices/ext0: the container has a network device'],
        [{ ext0: {}, lo: { name: 'x' } }, '/linux/netDevices/lo: RTM_SETLINK(lo): EINVAL'],
      ] as const;
      for (const [devices, words] of engine.quick ? refused : refused.slice(-1)) {
        expect(await host.box.refusal(wanting(devices))).toContain(words);
        expectAll(host.show('ext0'), [...kept, 'inet 10.9.2.2/24 scope link', ',UP,']);
      }
    }));

  it('come back when the container cannot run', (box) =>
    onHost(box, async (host) => {
      host.make('ext0');
      const container = host.box.container((config, { rootfs }) => {
        config.process.args = ['/garbage'];
        wanting({ ext0: { name: 'inner' } })(config);
        writeFileSync(join(rootfs, 'garbage'), 'garbage');
        chmodSync(join(rootfs, 'garbage'), 0o755);
      });
      const { stderr } = await container.runtime('run');
      expect(stderr).toContain('exec format error');
      expectAll(host.show('ext0'), [...kept, 'inet 10.9.2.2/24 scope link', ',UP,']);
    }));

  it('need a network namespace', async (box) => {
    const refusal = await box.refusal((config) => {
      wanting({ ext0: {} })(config);
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
    });
    expect(refusal).toContain('/linux/netDevices');
  });
});

const EIO = 5;

suite(
  'a native call that fails',
  ({ it }) => {
    it(
      'leaves network devices where they were',
      (box) =>
        onHost(box, async (host) => {
          host.box.folderFor('state');
          host.make('ext0');
          const container = host.box.container((config) => {
            config.process.args = ['echo', 'works'];
            wanting({ ext0: { name: 'inner' } })(config);
          });
          const args = container.words('create');
          const { calls } = await recordCalls(host.box, args);
          const remove = () => host.box.runtime('delete', '--force', container.id);
          await remove();
          const parents = calls().filter(({ role }) => role === 'parent');
          const after = parents.findLastIndex(({ name }) => name === 'setns');
          const first = parents.findIndex(({ name }) => name === 'recvFds');
          expect(first).toBeLessThan(after);
          for (const call of parents.slice(first)) {
            if (!host.names().includes('ext0')) host.make('ext0');
            const { status } = await withFault(host.box, call, EIO, args);
            if (status === 0) await remove();
            else expect([call, host.names()]).toEqual([call, ['ext0', 'lo']]);
            expect([call, host.box.leftovers()]).toEqual([call, []]);
          }
        }),
      120_000,
    );
  },
  [staticEngine],
);
