import { deepEqual, equal, ok } from 'node:assert/strict';
import { mountAt } from '../probe/report.js';
import { calledAfter, holding } from '../runner/holder.js';
import { kernel, lsm, root } from '../runner/host.js';
import { subject } from '../runner/test.js';

const proves = ['runtime/lifecycle/1', 'runtime/create/4'];
const about = { proves };

/** What mountinfo shows of the root mount. */
const propagations = [
  ['private', /^$/],
  ['shared', /^shared:\d+$/],
  ['unbindable', /^unbindable$/],
] as const;

/** Modes of the memory policy, numbers of linux/mempolicy.h. */
const policies = [
  ['MPOL_DEFAULT', undefined, [], 0, 0],
  ['MPOL_PREFERRED', '0', [], 1, 1],
  ['MPOL_BIND', '0', [], 2, 1],
  ['MPOL_INTERLEAVE', '0', [], 3, 1],
  ['MPOL_LOCAL', undefined, [], 4, 0],
  ['MPOL_PREFERRED_MANY', '0', [], 5, 1, kernel(5, 15)],
  ['MPOL_WEIGHTED_INTERLEAVE', '0', [], 6, 1, kernel(6, 9)],
  ['MPOL_BIND', '0', ['MPOL_F_STATIC_NODES'], 2 | (1 << 15), 1],
  ['MPOL_INTERLEAVE', '0', ['MPOL_F_RELATIVE_NODES'], 3 | (1 << 14), 1],
] as const;

export const linuxFieldTests = subject('linux', (test) => {
  for (const [propagation, pattern] of propagations)
    test(
      `propagation-${propagation}`,
      `The mount of the root file system is ${propagation} if it has to be`,
      about,
      async (trial) => {
        const report = await trial.look(({ linux }) => {
          linux.rootfsPropagation = propagation;
        });
        const found = mountAt(report, '/')?.propagation.join(' ') ?? 'no mount';
        ok(pattern.test(found), `it is ${found || 'private'}`);
      },
    );

  test(
    'propagation-slave',
    'The mount of the root file system follows those of the host if it has to',
    { proves, needs: [root] },
    async (trial) => {
      const { rootfs } = trial.container();
      const bind = ['mount', rootfs, rootfs, 'bind', ''];
      const shared = ['unshare', 'mount', ...bind, 'propagate', rootfs, 'shared'];
      // The mounts that are followed have to outlive the call of the runtime.
      await holding(trial, shared, ({ pid }) =>
        calledAfter(trial, ['enter', `/proc/${pid}/ns/mnt`], async (inner) => {
          const report = await inner.look((config) => {
            config.root.path = rootfs;
            config.linux.rootfsPropagation = 'slave';
          });
          const found = mountAt(report, '/')?.propagation.join(' ') ?? 'no mount';
          ok(/^master:\d+$/.test(found), `it is ${found || 'private'}`);
        }),
      );
    },
  );

  test(
    'propagation-unknown',
    'A propagation that does not exist is refused',
    { proves: ['runtime/create/6'] },
    async (trial) => {
      await trial.refused(({ linux }) => {
        linux.rootfsPropagation = 'sideways';
      });
    },
  );

  for (const [domain, value, machine] of [
    ['LINUX', '00000000', /^(x86_64|aarch64|s390x|ppc64le|riscv64|loongarch64)$/],
    ['LINUX32', '00000008', /^(i.86|armv\w+|s390|ppcle)$/],
  ] as const)
    test(
      `personality-${domain.toLowerCase()}`,
      `The process has the execution domain ${domain}`,
      about,
      async (trial) => {
        const { files, machine: found } = await trial.look(({ linux }) => {
          linux.personality = { domain };
        });
        equal(String(files.personality).trim(), value);
        ok(machine.test(found), `the machine is ${found}`);
      },
    );

  for (const [slug, personality] of [
    ['domain', { domain: 'UNIX' }],
    ['flags', { domain: 'LINUX', flags: ['ADDR_NO_RANDOMIZE'] }],
  ] as const)
    test(
      `personality-unknown-${slug}`,
      `${JSON.stringify(personality)} is refused as a personality`,
      { proves: ['runtime/create/6'] },
      async (trial) => {
        await trial.refused(({ linux }) => {
          linux.personality = personality;
        });
      },
    );

  for (const [mode, nodes, flags, number, mask, ...needs] of policies)
    test(
      `memory-${mode.slice('MPOL_'.length).toLowerCase()}${flags.length ? '-flag' : ''}`,
      `The process has the memory policy ${[mode, ...flags].join(' with ')}`,
      { proves, needs },
      async (trial) => {
        const { memoryPolicy } = await trial.look(({ linux }) => {
          linux.memoryPolicy = { mode, ...(nodes === undefined ? {} : { nodes }), flags };
        });
        deepEqual(memoryPolicy, { mode: number, nodes: mask });
      },
    );

  for (const [slug, memoryPolicy] of [
    ['mode', { mode: 'MPOL_RANDOM', nodes: '0' }],
    ['nodes', { mode: 'MPOL_BIND', nodes: '1023' }],
    ['flag', { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_BLUE'] }],
    ['too-many', { mode: 'MPOL_LOCAL', nodes: '0' }],
    ['none', { mode: 'MPOL_BIND' }],
  ] as const)
    test(
      `memory-wrong-${slug}`,
      `${JSON.stringify(memoryPolicy)} is refused as a memory policy`,
      { proves: ['runtime/create/6'] },
      async (trial) => {
        await trial.refused(({ linux }) => {
          linux.memoryPolicy = memoryPolicy;
        });
      },
    );

  test(
    'mount-label',
    'Mounts have the SELinux context that is demanded',
    { proves, needs: [lsm('selinux'), root] },
    async (trial) => {
      const label = 'system_u:object_r:container_file_t:s0:c7,c8';
      const report = await trial.look(({ linux }) => {
        linux.mountLabel = label;
      });
      const options = mountAt(report, '/dev/shm')?.superOptions.join(',') ?? '';
      ok(options.replaceAll('"', '').includes(`context=${label}`), `its options are ${options}`);
    },
  );
});
