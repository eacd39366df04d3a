import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Complaint } from '../../native/setup/complaint.js';
import { progress } from '../../native/setup/progress.js';
import { makeBundle } from './bundle.js';
import { leftovers, sweep, type Traces } from './leftovers.js';
import { Runtime } from './runtime.js';

const greeting = 'Hello from a container';
const containerDeadline = 30_000;
const pollingInterval = 5;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs one container from a bundle in a temporary folder and leaves nothing of it. */
export async function runDemo(program: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'runts-demo-'));
  const traces = { folder, id: basename(folder) };
  const runtime = new Runtime(program, join(folder, 'state'));
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Complaint('Interrupted.'));
  for (const name of signals) process.on(name, interrupt);
  try {
    progress('Running a container');
    await perform(runtime, traces, interruption.signal);
  } catch (error) {
    // Node's own waits reject with an AbortError instead of the reason that was given.
    interruption.signal.throwIfAborted();
    throw error;
  } finally {
    cleanUp(runtime, traces);
    for (const name of signals) process.off(name, interrupt);
  }
  return 0;
}

/** An interruption ends it between two steps; a command that runs is always waited for. */
async function perform(runtime: Runtime, { id, folder }: Traces, signal: AbortSignal) {
  makeBundle(join(folder, 'bundle'), id);
  const created = await runtime.run('create', '--bundle', join(folder, 'bundle'), id);
  signal.throwIfAborted();
  const started = await runtime.run('start', id);
  await untilStopped(runtime, id, signal);
  await finished(created.stdout, { signal });
  if (!created.output().startsWith(greeting)) throw new Complaint('The container did not greet.');
  const deleted = await runtime.run('delete', id);
  refuseLeftovers({ id, folder });
  const times = Object.entries({ create: created, start: started, delete: deleted });
  const words = times.map(([verb, { milliseconds }]) => `${verb} ${milliseconds.toFixed(1)} ms`);
  process.stdout.write(`${words.join(', ')}\n`);
}

async function untilStopped(runtime: Runtime, id: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + containerDeadline;
  while (runtime.status(id) !== 'stopped') {
    if (Date.now() > deadline) throw new Complaint('The container did not end.');
    await pause(pollingInterval, undefined, { signal });
  }
}

/** The runtime has to do its own cleaning; only the temporary folder is the demonstration's. */
function refuseLeftovers(traces: Traces): void {
  const left = leftovers(traces).filter((trace) => trace !== `folder ${traces.folder}`);
  if (left.length > 0) throw new Complaint(`The runtime left behind: ${left.join(', ')}`);
}

function cleanUp(runtime: Runtime, traces: Traces): void {
  if (leftovers(traces).length > 1) runtime.forceDelete(traces.id);
  sweep(traces);
  const left = leftovers(traces);
  if (left.length > 0) throw new Complaint(`This could not be removed: ${left.join(', ')}`);
}
