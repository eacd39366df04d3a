import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aptSources } from './apt.js';
import { type AptSource, debianMirrors, sourceEntry } from './apt-sources.js';
import { Complaint } from './complaint.js';
import type { QuickjsLock } from './lock.js';
import { findProgram } from './paths.js';
import { progress } from './progress.js';

/** Which archive keys a Debian machine trusts even where apt's entry names none. */
export const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** apt checks the archive's signature; whoever calls this checks the pinned checksum. */
export function fetchTarball(work: string, lock: QuickjsLock): string {
  if (findProgram('apt-get') === undefined) throw unobtainable(lock, 'there is no apt-get here');
  const mirrors = debianMirrors(aptSources(), codename());
  if (mirrors.length === 0) throw unobtainable(lock, 'apt is set up for no mirror of Debian');
  progress(`Fetching QuickJS ${lock.version} (apt-get source, suite ${lock.debian.suite})`);
  const reasons: string[] = [];
  for (const mirror of mirrors) {
    try {
      return fetchFrom(mirror, work, lock);
    } catch (error) {
      reasons.push(outputOf(error));
    }
  }
  throw unobtainable(lock, `apt-get could not fetch it:\n${reasons.join('\n')}`);
}

function fetchFrom(mirror: AptSource, work: string, lock: QuickjsLock): string {
  const keyring = existsSync(debianKeyring) ? debianKeyring : undefined;
  const parts = join(work, 'sources');
  for (const name of ['sources', 'lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(work, name), { recursive: true });
  }
  writeFileSync(join(parts, 'quickjs.sources'), sourceEntry(mirror, lock.debian.suite, keyring));
  apt(work, 'update');
  apt(work, 'source', '--download-only', '--tar-only', lock.name);
  const tarball = join(work, lock.tarball.file);
  if (existsSync(tarball)) return tarball;
  throw new Error(`${lock.debian.suite} no longer has ${lock.tarball.file}`);
}

/** Our own lists and cache: the machine's apt stays as it was, and no root is needed. */
function apt(work: string, ...args: readonly string[]): void {
  const options = [
    'Dir::Etc::SourceList=/dev/null',
    `Dir::Etc::SourceParts=${join(work, 'sources')}`,
    `Dir::State::Lists=${join(work, 'lists')}`,
    `Dir::Cache=${join(work, 'cache')}`,
    // The unprivileged user that apt downloads as may not be able to reach the cache.
    'APT::Sandbox::User=root',
    'APT::Update::Error-Mode=any',
  ];
  const before = ['-qq', ...options.flatMap((option) => ['-o', option])];
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', [...before, ...args], { cwd: work, env, stdio: 'pipe' });
}

function codename(): string | undefined {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return /^VERSION_CODENAME="?([^"\n]*)/m.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

function outputOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: Buffer; message: string };
  return stderr?.toString().trim() || message;
}

function unobtainable({ version, tarball, debian }: QuickjsLock, why: string): Complaint {
  return new Complaint(
    `Cannot get the sources of QuickJS ${version}: ${why}`,
    `Get ${tarball.file} (${tarball.size} bytes,`,
    `  SHA-256 ${tarball.sha256}),`,
    `  for instance from Debian's source package quickjs ${debian.version} (${debian.suite}),`,
    '  and name it: QUICKJS_SRC=/path/to/it npm run build',
  );
}
