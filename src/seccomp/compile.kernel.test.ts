import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { engineProfile } from '../../conformance/lib/seccomp-profile.js';
import { nodeEngine } from '../engine/node/engine.js';
import type { LinuxSeccomp } from '../generated/spec-types.js';
import { type Context, createHost } from '../host/host.js';
import { AUDIT_ARCH_X86_64 } from '../linux/constants.js';
import { type SeccompFlag, seccompArchitectures, seccompFlags } from '../linux/seccomp.js';
import { silent } from '../log/logger.js';
import { runFilter } from '../testing/classic-bpf.js';
import { compile } from './compile.js';
import { loadFlags, supportedFlags } from './flags.js';

const context: Context = { host: createHost(nodeEngine()), log: silent };
const allow: LinuxSeccomp = { defaultAction: 'SCMP_ACT_ALLOW' };

test('SHA-256 is that of everybody, whatever the length', () => {
  for (let length = 0; length < 200; length++) {
    const data = Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);
    const digest = new Uint8Array(32);
    context.host.sys.sha256(data, length, digest, 32);
    const expected = createHash('sha256').update(data).digest('hex');
    expect(Buffer.from(digest).toString('hex')).toBe(expected);
  }
});

describe('a compiled filter', () => {
  it('is the same each time', () => {
    const profile = engineProfile() as LinuxSeccomp;
    expect(compile(context, profile)).toEqual(compile(context, profile));
  });

  it.runIf(process.arch === 'x64')('answers by name, action and architecture', () => {
    const { program } = compile(context, {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        { names: ['read'], action: 'SCMP_ACT_ALLOW' },
        { names: ['write'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
        { names: ['statx'], action: 'SCMP_ACT_NOTIFY' },
      ],
    });
    const answers = [0, 1, 2, 332, 333].map((call) => runFilter(program, AUDIT_ARCH_X86_64, call));
    expect(answers).toEqual([0x7fff0000, 0x5000d, 0x50001, 0x7fc00000, 0x50026]);
    expect(runFilter(program, 0x40000003, 3)).toBe(0);
  });

  it('tells what it has left out', () => {
    const { remarks } = compile(context, {
      ...allow,
      syscalls: [
        { names: ['read', 'nobody_knows'], action: 'SCMP_ACT_ERRNO' },
        { names: ['write'], action: 'SCMP_ACT_ALLOW' },
      ],
    });
    expect(remarks.split('\n')).toEqual([
      'seccomp: unknown system calls skipped: nobody_knows',
      'seccomp: /linux/seccomp/syscalls/1 dropped: its action is the default one',
    ]);
  });

  it('has every architecture with the byte order of this machine that libseccomp knows', () => {
    const taken = (
      Object.keys(seccompArchitectures) as (keyof typeof seccompArchitectures)[]
    ).filter((name) => {
      try {
        return compile(context, { ...allow, architectures: [name] }).program.length > 0;
      } catch (thrown) {
        expect(thrown).toMatchObject({ at: '/linux/seccomp/architectures/0' });
        return false;
      }
    });
    expect(taken).toEqual(
      expect.arrayContaining(['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_RISCV64']),
    );
    expect(taken).not.toContain('SCMP_ARCH_S390X');
  });

  it('is refused when the kernel cannot take so many instructions', () => {
    const args = Array.from({ length: 3000 }, (_, i) => ({
      ...{ index: 0, value: i * 2 ** 33, op: 'SCMP_CMP_EQ' as const },
    }));
    const syscalls = [{ names: ['read'] as [string], action: 'SCMP_ACT_ERRNO' as const, args }];
    expect(() => compile(context, { ...allow, syscalls })).toThrow(/the kernel takes 4096/);
  });
});

describe('flags', () => {
  it('are asked of the kernel', () => {
    const known = Object.keys(seccompFlags);
    for (const flag of supportedFlags(context)) expect(known).toContain(flag);
    expect(supportedFlags(context)).toContain('SECCOMP_FILTER_FLAG_SPEC_ALLOW');
  });

  it('that the kernel does not have are refused by name', () => {
    const raw = {
      ...context.host.raw,
      seccomp: (_: unknown, flags: unknown) => (flags === 4 ? -14 : -22),
    };
    const old = { ...context, host: { ...context.host, raw } };
    const flags: SeccompFlag[] = ['SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'SECCOMP_FILTER_FLAG_LOG'];
    expect(() => loadFlags(old, flags, false)).toThrow(/does not have SECCOMP_FILTER_FLAG_LOG/);
    expect(loadFlags(old, undefined, false)).toBe(4);
    expect(loadFlags(old, [], true)).toBe(8);
  });

  it('leave out what makes no sense for the filter', () => {
    const all = Object.keys(seccompFlags) as SeccompFlag[];
    expect(loadFlags(context, all, false)).toBe(2 | 4);
    expect(loadFlags(context, all, true)).toBe(2 | 4 | 8 | 32);
  });
});
