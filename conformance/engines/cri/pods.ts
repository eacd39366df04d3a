import type { Case } from '../lib/case.js';
import type { PodSite } from './site.js';

const show = (...kinds: readonly string[]): readonly string[] => [
  'sh',
  '-c',
  kinds.map((kind) => `readlink /proc/self/ns/${kind}`).join('; '),
];

export const podCases: readonly Case<PodSite>[] = [
  {
    name: 'a pod sandbox is ready, and not any more when it has been stopped',
    async act(site) {
      await site.runPod();
      const ready = await site.podState();
      await site.stopPod();
      return { ready, stopped: await site.podState() };
    },
    wanted: { ready: 'SANDBOX_READY', stopped: 'SANDBOX_NOTREADY' },
  },
  {
    name: 'the containers of a pod share its IPC namespace, and neither mounts nor processes',
    async act(site) {
      const [first, second] = [await site.idle(), await site.idle()];
      const look = async (id: string, kind: string) => (await site.exec(id, show(kind))).stdout;
      const same = async (kind: string) => (await look(first, kind)) === (await look(second, kind));
      return { ipc: await same('ipc'), mnt: await same('mnt'), pid: await same('pid') };
    },
    wanted: { ipc: true, mnt: false, pid: false },
  },
  {
    name: 'with a pid namespace of the pod, its containers see each other',
    async act(site) {
      const namespaces = { pid: 'POD' } as const;
      await site.runPod({ namespaces });
      const security_context = { namespace_options: { network: 'NODE', ...namespaces } } as const;
      const linux = { security_context };
      await site.start({ command: ['sleep', '4321'], linux });
      const id = await site.idle({ linux });
      const { stdout } = await site.exec(id, ['ps', '-o', 'pid,args']);
      return { first: /^ *1 .*$/m.test(stdout), sees: stdout.includes('sleep 4321') };
    },
    wanted: { first: true, sees: true },
  },
  {
    name: 'a pod that is stopped takes its containers with it',
    async act(site) {
      const id = await site.idle();
      await site.stopPod();
      const { state, exit_code } = await site.statusOf(id);
      return { state, status: exit_code };
    },
    wanted: { state: 'EXITED', status: 137 },
  },
  {
    name: 'sysctls of a pod hold for its containers',
    async act(site) {
      await site.runPod({ sysctls: { 'kernel.shm_rmid_forced': '1' } });
      const { output } = await site.run({ command: ['cat', '/proc/sys/kernel/shm_rmid_forced'] });
      return { output };
    },
    wanted: { output: 'stdout 1\n' },
  },
];
