/**
 * One container's cgroups from beginning to end on the real kernel; what is seen is returned, so
 * that a test can also run this in a process of its own that sees another host.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applyLimits,
  createCgroups,
  destroyCgroups,
  isFrozen,
  killAll,
  openEntrances,
  processesIn,
  thaw,
} from '../cgroup/act.js';
import type { CgroupPlan, CgroupRecord } from '../cgroup/driver.js';
import type { Entrances } from '../cgroup/entrances.js';
import { writeIfThere } from '../cgroup/files.js';
import { planCgroup } from '../cgroup/plan.js';
import { probeCgroups } from '../cgroup/probe.js';
import { nodeEngine } from '../engine/node/engine.js';
import type { LinuxResources } from '../generated/spec-types.js';
import { type Context, createHost } from '../host/host.js';
import { openAt } from '../host/io.js';
import { AT_FDCWD, O_DIRECTORY, O_RDONLY, SIGKILL } from '../linux/constants.js';
import { silent } from '../log/logger.js';

export const kernelContext = (): Context => ({ host: createHost(nodeEngine()), log: silent });

export const testPlan = (context: Context, name: string, resources: LinuxResources): CgroupPlan =>
  planCgroup(
    probeCgroups(context),
    {
      ociVersion: '1.2.0',
      linux: { cgroupsPath: `/runts-cgroups-${process.pid}/${name}`, resources },
    },
    name,
  );

/** Runs `body` with the cgroups of a plan made, and removes them whatever happens. */
export async function withCgroups(
  context: Context,
  plan: CgroupPlan,
  body: (record: CgroupRecord) => Promise<void>,
): Promise<void> {
  const steps: (() => void)[] = [];
  try {
    createCgroups(context, plan, (step) => steps.unshift(step));
    await body(plan.record);
  } finally {
    for (let tries = 0; tries < 100 && processesIn(context, plan.record).length > 0; tries++)
      killAll(context, plan.record, SIGKILL);
    for (const step of steps) step();
  }
}

/** The entrances' descriptors come to a process as 3 and up; bash knows those above 9. */
const enter = 'for fd in "$@"; do echo 0 >&$fd; done; exec 2>/dev/null; echo in; ';

/** A process in the cgroups that says `in` and then runs `script`. */
export async function startInside(
  entrances: Entrances,
  unified: string | undefined,
  script: string,
): Promise<ChildProcess> {
  const fds = entrances.tasks.map(({ number }) => number);
  const join = unified === undefined ? '' : `echo $$ >${unified}/cgroup.procs; `;
  const numbers = fds.map((_, i) => String(i + 3));
  const child = spawn('bash', ['-c', join + enter + script, 'bash', ...numbers], {
    stdio: ['pipe', 'pipe', 'inherit', ...fds],
  });
  await once(child.stdout!, 'data');
  return child;
}

export const unifiedPath = ({ directories }: CgroupRecord): string | undefined =>
  directories.find(({ controllers }) => controllers.length === 0)?.path;

/** Tells which of two devices can be opened for reading, once it is asked to. */
const probeDevices =
  'read _; for d in null denied; do : <"$D/$d" && echo "$d yes" || echo "$d no"; done';

function deviceNodes(): string {
  const directory = mkdtempSync(join(tmpdir(), 'runts-devices-'));
  spawnSync('mknod', [join(directory, 'null'), 'c', '1', '3']);
  spawnSync('mknod', [join(directory, 'denied'), 'c', '1', '11']);
  return directory;
}

/** Lines that a process inside prints about two devices once limits hold. */
export async function devicesInside(context: Context, plan: CgroupPlan): Promise<string[]> {
  const directory = deviceNodes();
  let output = '';
  try {
    await withCgroups(context, plan, async (record) => {
      using entrances = openEntrances(context, plan.record);
      const script = probeDevices.replace('$D', directory);
      const child = await startInside(entrances, unifiedPath(record), script);
      child.stdout?.on('data', (data) => {
        output += data;
      });
      applyLimits(context, plan);
      child.stdin?.end('\n');
      await once(child, 'close');
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
  return output.trim().split('\n');
}

/** How many device filters a cgroup has after each of these rules has been put in force. */
export async function filtersOf(
  context: Context,
  rules: readonly NonNullable<LinuxResources['devices']>[],
): Promise<number[]> {
  const counts: number[] = [];
  await withCgroups(context, testPlan(context, 'filters', {}), async (record) => {
    const path = unifiedPath(record)!;
    using directory = openAt(context, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
    for (const devices of rules) {
      applyLimits(context, testPlan(context, 'filters', { devices }));
      counts.push(context.host.sys.deviceFilters(directory.number, new Uint8Array(256), 64));
    }
  });
  return counts;
}

export interface Life {
  readonly mode: string;
  readonly membership: string;
  readonly inside: boolean;
  readonly frozen: readonly boolean[];
  readonly refusal: string;
  readonly signal: string | null;
  readonly left: readonly string[];
}

/** Freezes as `pause` of any runtime would. */
function freeze(context: Context, { directories }: CgroupRecord): void {
  directories.some(
    ({ path }) =>
      writeIfThere(context, `${path}/freezer.state`, 'FROZEN') ||
      writeIfThere(context, `${path}/cgroup.freeze`, '1'),
  );
}

/** Makes, enters, freezes, thaws, kills and removes. */
export async function wholeLife(context: Context, plan: CgroupPlan): Promise<Life> {
  let life: Life | undefined;
  await withCgroups(context, plan, async (record) => {
    using entrances = openEntrances(context, plan.record);
    const child = await startInside(entrances, unifiedPath(record), 'exec sleep 600');
    const ended = once(child, 'exit');
    const membership = readFileSync(`/proc/${child.pid}/cgroup`, 'utf8');
    const inside = processesIn(context, record).includes(child.pid ?? 0);
    const frozen = [isFrozen(context, record)];
    freeze(context, record);
    frozen.push(isFrozen(context, record));
    thaw(context, record);
    frozen.push(isFrozen(context, record));
    const refusal = messageOf(() => destroyCgroups(context, record, 20));
    killAll(context, record, SIGKILL);
    const [, signal] = await ended;
    destroyCgroups(context, record, 5000);
    const left = record.directories.map(({ path }) => path).filter((path) => existsSync(path));
    life = { mode: record.mode, membership, inside, frozen, refusal, signal, left };
  });
  return life!;
}

function messageOf(act: () => void): string {
  try {
    act();
    return '';
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

/** A process frozen in its cgroups and then killed must really end. */
export async function killFrozen(context: Context, plan: CgroupPlan): Promise<string | null> {
  let result: string | null = null;
  await withCgroups(context, plan, async (record) => {
    using entrances = openEntrances(context, plan.record);
    const child = await startInside(entrances, unifiedPath(record), 'exec sleep 600');
    const ended = once(child, 'exit');
    freeze(context, record);
    killAll(context, record, SIGKILL);
    [, result] = await ended;
  });
  return result;
}
