/** The conformance suite that the build has made, run and counted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hierarchies } from '../../conformance/lib/machine.js';
import { fromJson } from '../../conformance/runner/json.js';
import { countOf, isBad, type RunReport } from '../../conformance/runner/results.js';
import { stepsTo } from '../../conformance/runner/view.js';
import { distRunts, root } from './paths.js';
import { resultsFolder, type Tally } from './tally.js';

export interface SuiteRun {
  /** Of the file with its results. */
  readonly name: string;
  readonly runtimes: readonly string[];
  readonly args?: readonly string[];
  /** As a user without privileges, whom nobody on the machine is. */
  readonly isOrdinary?: boolean;
  /** With cgroup v1 alone, also for that user. */
  readonly cgroups?: 'v1' | 'v2';
}

const isRoot = () => process.getuid?.() === 0;
const id = '71234';

/** What that user needs, where it can be reached. */
class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), 'runts-suite-'));
  readonly suite = join(this.folder, 'conformance/main.js');
  readonly node = join(this.folder, 'node');
  readonly temporary = join(this.folder, 'tmp');

  constructor() {
    chmodSync(this.folder, 0o755);
    mkdirSync(this.temporary);
    chmodSync(this.temporary, 0o1777);
    cpSync(join(root, 'dist/conformance'), join(this.folder, 'conformance'), { recursive: true });
    copyFileSync(distRunts, this.placeOf(distRunts));
    copyFileSync(process.execPath, this.node);
  }

  placeOf(runtime: string): string {
    return runtime === distRunts ? join(this.folder, 'runts') : runtime;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const runtimeArgs = (runtimes: readonly string[]) =>
  runtimes.flatMap((path) => ['--runtime', path]);

/** In a view of cgroup v1 that is made before the privileges go. */
function inV1(command: readonly string[]): readonly string[] {
  const script = [...stepsTo('v1', hierarchies(), ''), 'exec "$@"'].join('\n');
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', script, 'sh', ...command];
}

function asOrdinary({ runtimes, args = [], cgroups }: SuiteRun, copy: Copy): readonly string[] {
  const paths = runtimes.map((path) => copy.placeOf(path));
  const suite = [copy.node, copy.suite, '--json', ...runtimeArgs(paths), ...args];
  const environment = ['env', `TMPDIR=${copy.temporary}`, `HOME=${copy.temporary}`];
  const drop = ['setpriv', '--reuid', id, '--regid', id, '--clear-groups'];
  const command = isRoot() ? [...drop, ...environment, ...suite] : suite;
  return cgroups === 'v1' && isRoot() ? inV1(command) : command;
}

function asCaller({ runtimes, args = [], cgroups }: SuiteRun): readonly string[] {
  const view = cgroups === undefined ? [] : ['--cgroups', cgroups];
  const script = join(root, 'dist/conformance/main.js');
  return [process.execPath, script, '--json', ...runtimeArgs(runtimes), ...view, ...args];
}

async function perform(command: readonly string[], output: string): Promise<number | null> {
  const [program = '', ...args] = command;
  const file = openSync(output, 'w');
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
  const [status] = (await once(child, 'exit')) as [number | null];
  return status;
}

/** Runs the suite, with progress on the error output; answers the file with its results. */
export async function runSuite(run: SuiteRun): Promise<string> {
  mkdirSync(resultsFolder, { recursive: true });
  const output = join(resultsFolder, `conformance-${run.name}.json`);
  using copy = run.isOrdinary ? new Copy() : undefined;
  const status = await perform(copy ? asOrdinary(run, copy) : asCaller(run), output);
  if (status !== 0 && status !== 1) throw new Error(`the conformance suite ended with ${status}`);
  return output;
}

/** Known failures are told as skipped: they say nothing new. */
export function tallyOfReport({ results }: RunReport): Tally {
  const failed = results.filter(isBad).length;
  const passed = countOf(results, 'pass');
  return { passed, failed, skipped: results.length - failed - passed };
}

/** `14 tests: needs cgroup v2 alone`: why some were not counted. */
export function skippedBy({ results }: RunReport): readonly string[] {
  const reasons = results.flatMap(({ outcome, reason = '' }) =>
    outcome === 'not testable' || outcome === 'expected failure' ? [`${outcome}: ${reason}`] : [],
  );
  return [...new Set(reasons)].map((reason) => {
    const count = reasons.filter((other) => other === reason).length;
    return count === 1 ? reason : `${reason} (${count} tests)`;
  });
}

export const reportsIn = (path: string): readonly RunReport[] => fromJson(path);
