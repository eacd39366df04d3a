import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AT_FDCWD, O_DIRECTORY, O_PATH } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { kernelContext } from '../testing/cgroup-scenario.js';
import { whyNotExecuted } from './executable.js';
import { openAt } from './io.js';
import { Root } from './root.js';

const context = kernelContext();
const folder = mkdtempSync(join(tmpdir(), 'runts-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));

function why(path: string, error: number = errno.ENOENT): string | null {
  const directory = openAt(context, AT_FDCWD, folder, O_PATH | O_DIRECTORY);
  using root = new Root(context, directory);
  return whyNotExecuted(context, (wanted) => root.openIfThere(wanted), path, error);
}

function file(name: string, content: string, mode = 0o755): string {
  writeFileSync(join(folder, name), content, 'latin1');
  chmodSync(join(folder, name), mode);
  return `/${name}`;
}

describe('a file that is not executed', () => {
  it('is looked at in the root that is given, whatever it names', () => {
    file('sh', '');
    expect(why(file('script', '#!/../../sh\n'))).toBe(
      'its interpreter "/../../sh", named after #!, cannot be executed: the file is empty',
    );
    // There on the host.
    expect(why(file('host', '#!/bin/sh\n'))).toMatch(/"\/bin\/sh", named after #!, is missing/);
    symlinkSync('/etc/passwd', join(folder, 'link'));
    expect(why('/link')).toBeNull();
  });

  it('is not opened when it is no regular file, nor one that nobody may execute', () => {
    mkdirSync(join(folder, 'folder'));
    expect(why('/folder', errno.EACCES)).toBe('it is no regular file');
    expect(why(file('plain', '#!', 0o644), errno.EACCES)).toBe(
      'the file has the permission x for nobody',
    );
  });

  it('tells nothing when it is not there, or its interpreter is a matter of directories', () => {
    expect(why('/missing')).toBeNull();
    expect(why(file('relative', '#!sh\n'))).toMatch('is looked for in the working directory');
  });

  it('may have an interpreter that has itself as its interpreter', () => {
    expect(why(file('loop', '#!/loop\n'), errno.ELOOP)).toMatch(
      /its interpreters need interpreters without end$/,
    );
  });

  it('may begin with a line that is too long, or that ends in CRLF', () => {
    expect(why(file('long', `#!/${'x'.repeat(300)}\n`))).toBe(
      'its first line is longer than the 256 bytes that count',
    );
    expect(why(file('crlf', '#!/sh\r\n'))).toBe(
      'its first line ends in CRLF, so that the CR is a part of the name: its interpreter ' +
        '"/sh\\r", named after #!, is missing in the container',
    );
    expect(why(file('bare', '#!\r\n'))).toBe('it names no interpreter after #!');
  });
});
