// The first thing that runs, before node_modules exists: plain JavaScript, no dependency.
// It brings node_modules up to the lock file, then hands over to main.ts.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(`needs Node ${major}.${minor} or newer, this is ${process.versions.node}`);
}

function fail(message) {
  process.stderr.write(`runts: ${message}\n`);
  process.exit(1);
}

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, root), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** npm writes node_modules/.package-lock.json last, and only with what it installed. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const have = packagesOf('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([path, { version, integrity, optional, peer }]) => {
    if (path === '') return true;
    const found = have[path];
    if (found === undefined) return optional === true || peer === true;
    return found.version === version && found.integrity === integrity;
  });
}

/** No install scripts: npm 11 no longer runs them unasked, and nothing here needs them. */
function installPackages() {
  process.stdout.write('Installing the npm packages of package-lock.json\n');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { npm_execpath: script } = process.env;
  const [command, before] = script === undefined ? ['npm', []] : [process.execPath, [script]];
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] };
  const { error, status } = spawnSync(command, [...before, ...args], options);
  if (error !== undefined) fail(`cannot run npm: ${error.message}`);
  if (status !== 0) fail('npm ci failed, see above');
}

requireNode(20, 19);
if (!isInstalled()) installPackages();
// Its cache would be a folder in /tmp that stays.
process.env.TSX_DISABLE_CACHE ??= '1';
const { register } = await import('tsx/esm/api');
register();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
