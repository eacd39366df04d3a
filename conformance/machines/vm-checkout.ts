import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, parse, relative } from 'node:path';
import { root } from '../../native/setup/paths.js';
import { progress } from '../../native/setup/progress.js';
import { helper } from '../lib/helpers.js';
import { makeDisk } from './disk.js';
import type { Pass, Suite } from './vm-tests.js';

/** What tests do not use: git's own, what tools are for, what the build keeps for itself. */
const left = [
  ...['.git', 'build/objects', 'build/bytecode', 'build/bench', 'build/test-results'],
  ...['@biomejs', '@typescript', 'typescript', '@types', 'prettier', 'lodash'].map(
    (name) => `node_modules/${name}`,
  ),
];

const isLeft = (path: string) => left.includes(path) || /^build\/(.*-maker.*|.*\.json)$/.test(path);

/** The disk that becomes /opt: the checkout with all that was made from it, Node, and what to run. */
export async function checkoutDisk(
  passes: readonly Pass[],
  work: string,
  form: Form,
): Promise<string> {
  progress('Copying the checkout');
  compileHelpers();
  const [folder, file] = [join(work, 'opt'), join(work, 'opt.disk')];
  const filter = (path: string) => !isLeft(relative(root, path));
  const options = { recursive: true, filter, preserveTimestamps: true, verbatimSymlinks: true };
  cpSync(root, join(folder, 'runts'), options);
  mkdirSync(join(folder, 'bin'));
  copyFileSync(process.execPath, join(folder, 'bin/node'));
  writeFileSync(join(folder, 'tests.sh'), script(passes, form));
  await makeDisk(folder, file, 256);
  rmSync(folder, { recursive: true });
  return file;
}

/** How the conformance suite tells its results: each as it comes, or all that is known at its end. */
export type Form = 'tap' | 'json';

/** There is no compiler there. */
function compileHelpers(): void {
  const files = readdirSync(dirname(helperSource)).map(parse);
  for (const { name, ext } of files) if (ext === '.c') helper(name);
}

const helperSource = join(root, 'conformance/lib/helpers.ts');

/** Results go through the second serial port; what else is said, through the first. */
const script = (passes: readonly Pass[], form: Form): string => `
cd /opt/runts
export RUNTS_TAP=/dev/ttyS1 CI=true
exec 3>$RUNTS_TAP >/dev/ttyS0 2>&1 </dev/null
for port in $RUNTS_TAP${form === 'json' ? ' /dev/ttyS2' : ''}; do stty -F $port raw -echo; done
# A cgroup with processes in it hands no controllers on: they go to a leaf.
own=/sys/fs/cgroup$(cut -d : -f 3 /proc/self/cgroup)
mkdir $own/tests
echo $$ >$own/tests/cgroup.procs
echo "# $(uname -sr), $(systemctl --version | head -n 1), Node $(node --version)" >&3
echo "# up after $(cut -d ' ' -f 1 /proc/uptime) s" >&3
${passes.map((pass) => commandOf(pass, form)).join('')}
`;

/** The configuration is plain JavaScript, which Node loads without help. */
const vitest = [
  ...['node', 'node_modules/vitest/vitest.mjs', 'run', '--configLoader', 'native'],
  ...['--config', 'conformance/machines/guest/vitest.config.mjs'],
].join(' ');

const drop = [
  ...['setpriv', '--reuid', 'tester', '--regid', 'tester', '--init-groups'],
  ...['env', 'HOME=/home/tester', 'XDG_RUNTIME_DIR=/run/user/1000'],
].join(' ');

/** A document goes through the third serial port as one line; until then progress is seen in place of TAP. */
const outputs: Readonly<Record<Form, { readonly options: string; readonly afterwards: string }>> = {
  tap: { options: '--tap >&3', afterwards: '' },
  json: {
    options: '--json 2>&3 >/tmp/document',
    afterwards: `{ tr -d '\\n' </tmp/document; echo; } >/dev/ttyS2`,
  },
};

function suiteOf({ args, isOrdinary = false }: Suite, form: Form): string {
  const suite = `node dist/conformance/main.js ${args.join(' ')} ${outputs[form].options}`;
  return isOrdinary ? `${drop} ${suite}` : suite;
}

const programOf = ({ files, suite }: Pass, form: Form): string =>
  suite ? suiteOf(suite, form) : `${vitest} ${files.join(' ')}`;

const commandOf = (pass: Pass, form: Form): string => `
echo '# with ${pass.name}' >&3
RUNTS_ENGINE=${pass.engine} PATIENCE=60000 ${programOf(pass, form)}
status=$?
test $status -le 1 || echo "Bail out! It ended with $status" >&3
${pass.suite ? outputs[form].afterwards : ''}
echo "# up for $(cut -d ' ' -f 1 /proc/uptime) s" >&3
`;
