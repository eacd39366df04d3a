import type { Case } from '../lib/case.js';
import type { Security } from './messages.js';
import type { PodSite } from './site.js';

const shows = (security_context: Security, script: string) => async (site: PodSite) => ({
  ...(await site.run({ command: ['sh', '-c', script], linux: { security_context } })),
});

const status = (name: string) => `sed -n 's/^${name}:\\s*//p' /proc/self/status`;

export const protectionCases: readonly Case<PodSite>[] = [
  {
    name: 'a container runs as the user and with the groups that it was given',
    act: shows(
      { run_as_user: { value: 1234 }, run_as_group: { value: 55 }, supplemental_groups: [66] },
      'id -u; id -G',
    ),
    wanted: { status: 0, output: /^stdout 1234\nstdout 55(?: \d+)* 66\n$/ },
  },
  {
    name: 'a read-only root file system is one',
    act: shows({ readonly_rootfs: true }, 'echo x >/file || exit 8'),
    wanted: { status: 8 },
  },
  {
    name: 'capabilities are added and dropped',
    act: shows(
      {
        capabilities: { add_capabilities: ['NET_ADMIN'], drop_capabilities: ['CHOWN'] },
      },
      status('CapEff'),
    ),
    wanted: { status: 0, output: 'stdout 00000000a80435fa\n' },
  },
  {
    name: 'no new privileges are to be had',
    act: shows({ no_new_privs: true }, status('NoNewPrivs')),
    wanted: { status: 0, output: 'stdout 1\n' },
  },
  {
    name: "the engine's own filter of system calls is in force",
    act: shows(
      { seccomp: { profile_type: 'RuntimeDefault' } },
      `${status('Seccomp')}; unshare -U true 2>/dev/null || echo refused`,
    ),
    wanted: { status: 0, output: 'stdout 2\nstdout refused\n' },
  },
  {
    name: 'paths are masked and read-only',
    act: shows(
      { masked_paths: ['/etc'], readonly_paths: ['/tmp'] },
      'ls -A /etc; echo x >/tmp/file || exit 9',
    ),
    wanted: { status: 9 },
  },
];
