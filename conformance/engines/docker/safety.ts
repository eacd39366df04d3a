import { writeFileSync } from 'node:fs';
import type { Case } from '../lib/case.js';
import { outcome } from '../lib/outcome.js';
import type { DockerSite } from './site.js';

const status = (...names: readonly string[]): readonly string[] => [
  'grep',
  '-E',
  `^(${names.join('|')}):`,
  '/proc/self/status',
];

const noChmod = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['chmod', 'fchmodat', 'fchmodat2'], action: 'SCMP_ACT_ERRNO' }],
};

/** What a container may not do. */
export const safetyCases: readonly Case<DockerSite>[] = [
  {
    name: 'docker run gives its default capabilities',
    act: async (site) =>
      outcome(await site.run([], ...status('CapPrm', 'CapEff', 'CapBnd', 'CapAmb'))),
    wanted: { status: 0 },
  },
  {
    name: 'docker run --cap-drop ALL and --cap-add leave what was named',
    act: async (site) =>
      outcome(
        await site.run(
          ['--cap-drop', 'ALL', '--cap-add', 'CHOWN'],
          ...status('CapPrm', 'CapEff', 'CapBnd'),
        ),
      ),
    wanted: { status: 0, output: /CapBnd:\t0000000000000001\n/ },
  },
  {
    name: 'docker run --cap-drop takes the right away',
    act: async (site) =>
      outcome(await site.run(['--cap-drop', 'CHOWN'], 'chown', '1', '/etc/group')),
    wanted: { status: 1 },
  },
  {
    name: 'docker run --user has no effective capabilities',
    act: async (site) => outcome(await site.run(['--user', '5'], ...status('CapPrm', 'CapEff'))),
    wanted: { status: 0, output: 'CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n' },
  },
  {
    name: 'docker run --security-opt no-new-privileges arrives',
    act: async (site) =>
      outcome(await site.run(['--security-opt', 'no-new-privileges'], ...status('NoNewPrivs'))),
    wanted: { status: 0, output: 'NoNewPrivs:\t1\n' },
  },
  {
    name: 'docker run has a seccomp filter by default, which refuses a new user namespace',
    async act(site) {
      const script = 'grep Seccomp: /proc/self/status; unshare -U true 2>/dev/null || echo refused';
      return outcome(await site.run([], 'sh', '-c', script));
    },
    wanted: { status: 0, output: 'Seccomp:\t2\nrefused\n' },
  },
  {
    name: 'docker run --security-opt seccomp=FILE filters as the file says',
    async act(site) {
      const file = site.file('profile.json');
      writeFileSync(file, JSON.stringify(noChmod));
      const script = 'chmod 777 /tmp 2>/dev/null || echo refused; unshare -U true && echo allowed';
      return outcome(await site.run(['--security-opt', `seccomp=${file}`], 'sh', '-c', script));
    },
    wanted: { status: 0, output: 'refused\nallowed\n' },
  },
  {
    name: 'docker run --security-opt seccomp=unconfined has no filter',
    act: async (site) =>
      outcome(await site.run(['--security-opt', 'seccomp=unconfined'], ...status('Seccomp'))),
    wanted: { status: 0, output: 'Seccomp:\t0\n' },
  },
  {
    name: 'docker run masks paths of procfs and makes others read-only',
    async act(site) {
      const script =
        'cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c; echo 1 2>/dev/null >/proc/sys/kernel/panic || echo read-only';
      return outcome(await site.run([], 'sh', '-c', script));
    },
    wanted: { status: 0, output: '0\nread-only\n' },
  },
  {
    name: 'docker run --privileged lifts all of it',
    act: async (site) =>
      outcome(await site.run(['--privileged'], ...status('CapPrm', 'CapBnd', 'Seccomp'))),
    wanted: { status: 0, output: /Seccomp:\t0\n/ },
  },
  {
    name: 'docker run --sysctl and --pid host arrive',
    async act(site) {
      const script = 'cat /proc/sys/net/ipv4/ip_forward; test $$ -gt 1 && echo beside others';
      const options = ['--sysctl', 'net.ipv4.ip_forward=1', '--pid', 'host'];
      return outcome(await site.run(options, 'sh', '-c', script));
    },
    wanted: { status: 0, output: '1\nbeside others\n' },
  },
];
