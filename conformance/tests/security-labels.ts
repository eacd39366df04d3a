import { equal, match } from 'node:assert/strict';
import { textOf } from '../lib/machine.js';
import { lsm, root } from '../runner/host.js';
import { NotTestable, subject } from '../runner/test.js';
import { neverStarts } from './support/process.js';

const proves = ['runtime/lifecycle/13', 'runtime/start/3'];
const failing = ['runtime/lifecycle/2', 'config/valid-values/1'];

/** One that is loaded and restricts nothing. */
function harmlessProfile(): string {
  const text = textOf('/sys/kernel/security/apparmor/profiles');
  const found = /^(\S+) \((?:complain|unconfined)\)$/m.exec(text)?.[1];
  if (found === undefined) throw new NotTestable('needs a loaded profile that restricts nothing');
  return found;
}

export const securityLabelTests = subject('security-labels', (test) => {
  test(
    'apparmor',
    'The process runs under its AppArmor profile',
    { proves, needs: [root, lsm('apparmor')] },
    async (trial) => {
      const profile = harmlessProfile();
      const { files } = await trial.look(({ process }) => {
        process.apparmorProfile = profile;
      });
      match(String(files['attr/current']), /^\S+ \((complain|unconfined)\)\n?$/);
      equal(String(files['attr/current']).split(' ')[0], profile);
    },
  );

  test(
    'apparmor-missing',
    'An AppArmor profile that is not loaded is an error',
    { proves: failing, needs: [root, lsm('apparmor')] },
    async (trial) => {
      await neverStarts(trial, ({ process }) => {
        process.apparmorProfile = 'of-nobody-at-all';
      });
    },
  );

  test(
    'selinux',
    'The process runs with its SELinux label',
    { proves, needs: [root, lsm('selinux')] },
    async (trial) => {
      // Another level of the type that may do what this process may.
      const own = textOf('/proc/self/attr/current').replace('\0', '').trim();
      const label = `${own.split(':').slice(0, 3).join(':')}:s0`;
      const { files } = await trial.look(({ process }) => {
        process.selinuxLabel = label;
      });
      equal(String(files['attr/current']).replace('\0', '').trim(), label);
    },
  );

  test(
    'selinux-impossible',
    'An SELinux label that no policy knows is an error',
    { proves: failing, needs: [root, lsm('selinux')] },
    async (trial) => {
      await neverStarts(trial, ({ process }) => {
        process.selinuxLabel = 'nobody_u:nobody_r:nobody_t:s0';
      });
    },
  );
});
