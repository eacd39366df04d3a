import { notEqual } from 'node:assert/strict';
import { subject } from '../runner/test.js';
import { allowed, filtering, ruling } from './seccomp-filter.js';

const errno = (action: string) => ({ errnoRet: 5, action });

/** Filters that are wrong, and which statement says so. */
const rows = [
  ['errno-of-allow', ['config-linux/seccomp/8'], ruling(errno('SCMP_ACT_ALLOW'))],
  ['errno-of-kill', ['config-linux/seccomp/8'], ruling(errno('SCMP_ACT_KILL'))],
  ['errno-of-trap', ['config-linux/seccomp/8'], ruling(errno('SCMP_ACT_TRAP'))],
  ['errno-of-kill-process', ['config-linux/seccomp/8'], ruling(errno('SCMP_ACT_KILL_PROCESS'))],
  ['errno-of-kill-thread', ['config-linux/seccomp/8'], ruling(errno('SCMP_ACT_KILL_THREAD'))],
  ['errno-of-log', ['config-linux/seccomp/8'], ruling(errno('SCMP_ACT_LOG'))],
  ['default-errno-of-allow', ['config-linux/seccomp/1'], filtering({ defaultErrnoRet: 5 })],
  [
    'default-errno-of-log',
    ['config-linux/seccomp/1'],
    filtering({ defaultAction: 'SCMP_ACT_LOG', defaultErrnoRet: 5 }),
  ],
  [
    'default-errno-of-kill',
    ['config-linux/seccomp/1'],
    filtering({ defaultAction: 'SCMP_ACT_KILL', defaultErrnoRet: 5, syscalls: [allowed] }),
  ],
  [
    'default-errno-of-trap',
    ['config-linux/seccomp/1'],
    filtering({ defaultAction: 'SCMP_ACT_TRAP', defaultErrnoRet: 5, syscalls: [allowed] }),
  ],
  ['metadata-alone', ['config-linux/seccomp/6'], filtering({ listenerMetadata: 'mine' })],
  ['names-missing', ['config-linux/seccomp/7'], ruling({ names: undefined as never })],
  ['no-names', ['config-linux/seccomp/7'], ruling({ names: [] })],
  ['unknown-action', ['runtime/create/6'], ruling({ action: 'SCMP_ACT_PAINT' })],
  [
    'unknown-architecture',
    ['runtime/create/6'],
    filtering({ architectures: ['SCMP_ARCH_ABACUS'] }),
  ],
  ['unknown-flag', ['runtime/create/6'], filtering({ flags: ['SECCOMP_FILTER_FLAG_BLUE'] })],
  [
    'unknown-operator',
    ['runtime/create/6'],
    ruling({ args: [{ index: 0, value: 1, op: 'SCMP_CMP_NEAR' }] }),
  ],
] as const;

export const seccompRefusedTests = subject('seccomp', (test) => {
  for (const [slug, proves, change] of rows)
    test(
      slug,
      `A filter with ${slug.replaceAll('-', ' ')} is refused`,
      { proves },
      async (trial) => {
        notEqual(await trial.refused(change), '', 'nothing was said of the error');
      },
    );
});
