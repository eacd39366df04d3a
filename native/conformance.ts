import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './setup/paths.js';
import { headersBesideMusl, staticCompiler } from './toolchain.js';

const folder = join(root, 'dist/conformance');

/** Static: it is the process of containers whose root file system holds nothing else. */
function probe(): void {
  const flags = ['-static', '-s', '-Os', '-Wall', '-Wextra', `-ffile-prefix-map=${root}=.`];
  const args = [...flags, '-isystem', headersBesideMusl(), 'conformance/probe/probe.c'];
  execFileSync(staticCompiler, [...args, '-o', join(folder, 'probe')], { cwd: root });
}

/** What plain Node runs, with all of its packages in it. */
async function script(entryPoint: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    entryPoints: [entryPoint],
    outfile,
    logLevel: 'warning',
  });
}

/** One file, with the probe and the wrapper that breaks a runtime beside it. */
export async function conformanceSuite(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  probe();
  const main = join(folder, 'main.js');
  await script('conformance/main.ts', main);
  chmodSync(main, 0o755);
  await script('conformance/mutations/mutant.ts', join(folder, 'mutant.mjs'));
}
