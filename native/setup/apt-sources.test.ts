import { describe, expect, test } from 'vitest';
import { debianMirrors, parseDeb822, parseOneLine, sourceEntry } from './apt-sources.js';

const mirror = {
  types: ['deb'],
  uris: ['http://mirror.example/debian'],
  suites: ['bookworm'],
  components: ['main'],
};

describe('reading sources.list(5)', () => {
  test('the one-line format, with and without options', () => {
    const text = [
      '# deb http://mirror.example/old bookworm main',
      'deb http://mirror.example/debian bookworm main contrib # the mirror',
      'deb-src [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian trixie main',
      '',
    ].join('\n');
    expect(parseOneLine(text)).toEqual([
      { ...mirror, components: ['main', 'contrib'] },
      { ...mirror, types: ['deb-src'], suites: ['trixie'], signedBy: '/k.gpg' },
    ]);
  });

  test('the deb822 format, with comments inside and several suites', () => {
    const text = [
      'Types: deb deb-src',
      '# a snapshot once',
      'URIs: http://mirror.example/debian',
      'Suites: bookworm',
      '  bookworm-updates',
      'Components: main',
      'Signed-By: /k.gpg',
    ].join('\n');
    expect(parseDeb822(text)).toEqual([
      {
        ...mirror,
        types: ['deb', 'deb-src'],
        suites: ['bookworm', 'bookworm-updates'],
        signedBy: '/k.gpg',
      },
    ]);
  });

  test('a deb822 entry that is switched off does not count', () => {
    const entry = 'Types: deb\nURIs: http://mirror.example/debian\nSuites: sid\nComponents: main\n';
    expect(parseDeb822(`Enabled: no\n${entry}\n${entry}`)).toHaveLength(1);
  });

  test('a key inside the entry is kept line by line', () => {
    const key =
      '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----';
    const [entry] = parseDeb822(
      `Types: deb\nURIs: http://mirror.example/debian\nSuites: sid\nComponents: main\nSigned-By:${key}\n`,
    );
    expect(entry?.signedBy).toBe(key.trimStart());
  });
});

describe('finding the mirror', () => {
  test('is an entry for a release of Debian, whose component is main', () => {
    const others = [
      { ...mirror, suites: ['bookworm-security'] },
      { ...mirror, suites: ['bookworm'], components: ['stable'] },
      { ...mirror, suites: ['nodistro'] },
      { ...mirror, uris: ['cdrom:[Debian]/'] },
    ];
    expect(debianMirrors([...others, mirror], 'bookworm')).toEqual([mirror]);
  });

  test('knows releases by their status and this machine by its code name', () => {
    const suites = ['stable', 'sid', 'forky'].map((suite) => ({ ...mirror, suites: [suite] }));
    expect(debianMirrors(suites, 'forky')).toEqual(suites);
    expect(debianMirrors(suites, undefined)).toEqual(suites.slice(0, 2));
  });
});

describe('an entry for source packages', () => {
  test('takes the mirror and its key', () => {
    expect(sourceEntry({ ...mirror, signedBy: '/own.gpg' }, 'trixie', '/debian.gpg')).toBe(
      'Types: deb-src\nURIs: http://mirror.example/debian\nSuites: trixie\n' +
        'Components: main\nSigned-By: /own.gpg\n',
    );
  });

  test("falls back to Debian's own key ring, then to what apt trusts", () => {
    expect(sourceEntry(mirror, 'trixie', '/debian.gpg')).toContain('Signed-By: /debian.gpg');
    expect(sourceEntry(mirror, 'trixie')).not.toContain('Signed-By');
  });
});
