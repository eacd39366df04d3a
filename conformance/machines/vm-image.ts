import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Complaint } from '../../native/setup/complaint.js';
import { cacheFolder } from '../../native/setup/paths.js';
import { progress } from '../../native/setup/progress.js';
import { quietlyContained } from './contained.js';
import { makeDisk } from './disk.js';
import { bootstrap } from './machine.js';
import { removeStale, workFolder } from './work-folder.js';

/** A Debian that boots: what the emulator needs of it. */
export interface Image {
  readonly kernel: string;
  readonly initrd: string;
  readonly disk: string;
}

const suite = 'bookworm';

/** Linux 6.1: what the emulator of the same suite boots. libstdc++ is Node's. */
const packages = [
  ...['linux-image-cloud-amd64', 'systemd', 'systemd-sysv', 'libpam-systemd', 'dbus'],
  ...[
    'dbus-user-session',
    'apparmor',
    'uidmap',
    'busybox-static',
    'iproute2',
    'libstdc++6',
    'procps',
    // Runtimes to compare with.
    'runc',
    'crun',
  ],
];

/** What a guest of a few minutes does without: a third of its time to boot. */
const masked = [
  ...['systemd-udev-trigger.service', 'systemd-update-utmp.service', 'systemd-pstore.service'],
  ...['systemd-update-utmp-runlevel.service', 'modprobe@drm.service', 'modprobe@loop.service'],
  ...['modprobe@dm_mod.service', 'modprobe@configfs.service', 'modprobe@efi_pstore.service'],
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'fstrim.timer'],
  ...['e2scrub_all.timer', 'e2scrub_reap.service', 'systemd-tmpfiles-clean.timer'],
  ...['getty.target', 'serial-getty@ttyS0.service'],
];

const guestFile = (name: string) =>
  readFileSync(fileURLToPath(new URL(`guest/${name}`, import.meta.url)), 'utf8');

const files: Readonly<Record<string, string>> = {
  'etc/hostname': 'runts\n',
  'etc/systemd/system/runts-tests.service': guestFile('runts-tests.service'),
  // All that a user's manager may hand on, as rootless engines want it.
  'etc/systemd/system/user@.service.d/delegate.conf':
    '[Service]\nDelegate=cpu cpuset io memory pids\n',
  // What no unit asks for, systemd switches off at the root, under containers beside its own units.
  'etc/systemd/system.conf.d/accounting.conf':
    '[Manager]\nDefaultCPUAccounting=yes\nDefaultIOAccounting=yes\n',
  'var/lib/systemd/linger/tester': '',
  'usr/local/sbin/make-initrd': guestFile('make-initrd.sh'),
};

const links: Readonly<Record<string, string>> = {
  'etc/systemd/system/multi-user.target.wants/runts-tests.service': '../runts-tests.service',
  ...Object.fromEntries(masked.map((unit) => [`etc/systemd/system/${unit}`, '/dev/null'])),
};

const user = 'groupadd -g 1000 tester && useradd -m -u 1000 -g 1000 -s /bin/bash tester';
const commands = [user, 'sh /usr/local/sbin/make-initrd'];
const superfluous = [
  ...['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'],
];

/** Made when this machine has none of this recipe; kept, since it takes minutes. */
export async function image(): Promise<Image> {
  const folder = keptIn();
  if (!existsSync(folder)) await make(folder);
  return imageIn(folder);
}

export const isMade = (): boolean => existsSync(keptIn());

const keptIn = (): string => join(cacheFolder(), `vm-${recipeDigest()}`);

const imageIn = (folder: string): Image => ({
  kernel: join(folder, 'vmlinuz'),
  initrd: join(folder, 'initrd'),
  disk: join(folder, 'disk'),
});

function recipeDigest(): string {
  const recipe = JSON.stringify([suite, packages, files, links, commands, superfluous]);
  return createHash('sha256').update(recipe).digest('hex').slice(0, 8);
}

async function make(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  removeStale(join(cacheFolder(), 'vm-'));
  const work = workFolder(folder);
  try {
    const [machine, result] = [join(work, 'machine'), join(work, 'result')];
    mkdirSync(result);
    await bootstrap(machine, suite, packages);
    await customise(machine);
    takeKernel(machine, imageIn(result));
    await makeDisk(machine, imageIn(result).disk, 1024);
    keep(result, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function customise(machine: string): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(machine, dirname(path)), { recursive: true });
    writeFileSync(join(machine, path), text);
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(join(machine, dirname(path)), { recursive: true });
    rmSync(join(machine, path), { force: true });
    symlinkSync(target, join(machine, path));
  }
  for (const command of commands)
    await quietlyContained(`There: ${command}`, 'chroot', [machine, 'sh', '-c', command]);
  for (const path of superfluous) rmSync(join(machine, path), { recursive: true, force: true });
}

function takeKernel(machine: string, { kernel, initrd }: Image): void {
  const boot = join(machine, 'boot');
  const name = readdirSync(boot).find((each) => each.startsWith('vmlinuz-'));
  if (name === undefined) throw new Complaint(`Debian ${suite} brought no kernel in /boot.`);
  copyFileSync(join(boot, name), kernel);
  copyFileSync(join(boot, 'initrd'), initrd);
  rmSync(boot, { recursive: true });
}

/** Whole or not at all; another run may have been the first. */
function keep(result: string, folder: string): void {
  try {
    renameSync(result, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
  progress(`Kept for later runs: ${folder} (${sizeOf(folder)})`);
}

const sizeOf = (path: string): string =>
  execFileSync('du', ['-sh', path], { encoding: 'utf8' }).split('\t')[0] ?? '';
