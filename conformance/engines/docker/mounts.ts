import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostMounts } from '../../lib/machine.js';
import type { Case } from '../lib/case.js';
import { outcome } from '../lib/outcome.js';
import type { DockerSite } from './site.js';

/** A mount of its own, whose copies hear of what is mounted below it; ends with our namespace. */
function sharedFolder(site: DockerSite): string {
  const folder = site.file('shared');
  mkdirSync(join(folder, 'in'), { recursive: true });
  execFileSync('mount', ['--bind', folder, folder]);
  execFileSync('mount', ['--make-shared', folder]);
  return folder;
}

const mounter = ['--cap-add', 'SYS_ADMIN', '--security-opt', 'apparmor=unconfined'];

/** File systems. */
export const mountCases: readonly Case<DockerSite>[] = [
  {
    name: 'docker run --read-only keeps the root from being written, and --tmpfs gives a place',
    act: async (site) =>
      outcome(
        await site.run(
          ['--read-only', '--tmpfs', '/scratch:size=1m,mode=1777'],
          ...['sh', '-c', 'touch /x 2>/dev/null || echo read-only; touch /scratch/x && echo place'],
        ),
      ),
    wanted: { status: 0, output: 'read-only\nplace\n' },
  },
  {
    name: 'docker run --volume shares a folder, and :ro only to look',
    async act(site) {
      const folder = site.file('volume');
      mkdirSync(folder);
      const write = await site.run(['-v', `${folder}:/v`], 'sh', '-c', 'echo text >/v/file');
      const script = 'cat /v/file; touch /v/more 2>/dev/null || echo read-only';
      const read = await site.run(['-v', `${folder}:/v:ro`], 'sh', '-c', script);
      return { wrote: write.status ?? -1, ...outcome(read) };
    },
    wanted: { wrote: 0, status: 0, output: 'text\nread-only\n' },
  },
  {
    name: 'docker run --volume with :rshared lets the host see what a container mounts',
    async act(site) {
      const folder = sharedFolder(site);
      const options = ['-v', `${folder}:/v:rshared`, ...mounter];
      const script = 'mount -t tmpfs none /v/in; echo $?; while :; do sleep 0.05; done';
      const id = await site.start(options, 'sh', '-c', script);
      await site.untilLogs(id, '0\n');
      return { seen: hostMounts().some(({ path }) => path === join(folder, 'in')) };
    },
    wanted: { seen: true },
  },
  {
    name: 'docker run --volume with :rslave lets a container see what the host mounts, not more',
    async act(site) {
      const folder = sharedFolder(site);
      const id = await site.idle('-v', `${folder}:/v:rslave`, ...mounter);
      execFileSync('mount', ['-t', 'tmpfs', 'from-host', join(folder, 'in')]);
      const script =
        'mkdir /v/in/own; mount -t tmpfs own /v/in/own; grep -c from-host /proc/mounts';
      const inside = await site.docker('exec', id, 'sh', '-c', script);
      const own = join(folder, 'in/own');
      return { ...outcome(inside), back: hostMounts().some(({ path }) => path === own) };
    },
    wanted: { status: 0, output: '1\n', back: false },
  },
  {
    name: 'docker run --mount type=volume fills a new volume from the image',
    act: async (site) =>
      outcome(await site.run(['--mount', 'type=volume,dst=/etc'], 'cat', '/etc/group')),
    wanted: { status: 0, output: /^root:x:0:\n/ },
  },
  {
    name: 'docker run --shm-size and --device arrive',
    act: async (site) =>
      outcome(
        await site.run(
          ['--shm-size', '2m', '--device', '/dev/null:/dev/nothing:r'],
          ...[
            'sh',
            '-c',
            'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2; stat -c %t:%T /dev/nothing',
          ],
        ),
      ),
    wanted: { status: 0, output: '2048\n1:3\n' },
  },
  {
    name: 'docker cp brings files into a running container and out of it',
    async act(site) {
      const id = await site.idle();
      const made = await site.docker('exec', id, 'sh', '-c', 'echo inside >/made');
      const { stdout } = await site.docker('cp', `${id}:/made`, '-');
      return { made: made.status ?? -1, found: stdout.includes('inside') };
    },
    wanted: { made: 0, found: true },
  },
];
