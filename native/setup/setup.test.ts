import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseOptions } from './arguments.js';
import { isStaticProgram } from './elf.js';
import { main } from './main.js';
import { reportOf } from './packages.js';
import { cacheFolder, findProgram } from './paths.js';
import { requirementSets } from './requirements.js';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'runts-setup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('looking around', () => {
  test('a program is found in PATH, and only when it can be executed', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'tool-of-a-test'), '');
    expect(findProgram('tool-of-a-test', folder)).toBeUndefined();
    chmodSync(join(folder, 'tool-of-a-test'), 0o755);
    expect(findProgram('tool-of-a-test', `/nowhere:${folder}`)).toBe(
      join(folder, 'tool-of-a-test'),
    );
  });

  test('the system folders are searched even when PATH lacks them', () => {
    expect(findProgram('sh', '')).toMatch(/bin\/sh$/);
  });

  test('the cache is where RUNTS_CACHE says, else in the XDG cache folder, else in ~/.cache', () => {
    expect(cacheFolder({ RUNTS_CACHE: '/c', XDG_CACHE_HOME: '/x' })).toBe('/c');
    expect(cacheFolder({ RUNTS_CACHE: '', XDG_CACHE_HOME: '/x' })).toBe('/x/runts');
    expect(cacheFolder({})).toMatch(/\/\.cache\/runts$/);
  });

  test('a program with an interpreter, and what is no program, are not static', () => {
    expect(isStaticProgram(process.execPath)).toBe(false);
    expect(isStaticProgram('/proc/self/maps')).toBe(false);
  });
});

describe('what is missing', () => {
  test('is reported one by one, with one command that brings every package once', () => {
    const lines = reportOf(requirementSets.build.needed).join('\n');
    expect(lines).toContain('/usr/include/seccomp.h (Debian: libseccomp-dev)');
    expect(lines).toContain('libseccomp.a (to link statically) (Debian: libseccomp-dev)');
    expect(lines.match(/gcc libc6-dev musl-tools libseccomp-dev tar xz-utils/g) ?? []).toHaveLength(
      findProgram('apt-get') ? 1 : 0,
    );
  });
});

describe('arguments of the npm scripts', () => {
  test('an option that is not declared is refused, and the accepted ones are named', () => {
    const options = { prefix: { type: 'string' } } as const;
    expect(parseOptions(['--prefix', '/usr'], options).prefix).toBe('/usr');
    expect(() => parseOptions(['--perfix', '/usr'], options)).toThrow('Accepted: --prefix');
    expect(() => parseOptions(['web'], {})).toThrow('No arguments are accepted');
  });

  test('a verb that does not exist fails', async () => {
    expect(await main(['stop'])).toBe(1);
  });
});
