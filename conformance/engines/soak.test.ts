import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hierarchies } from '../lib/machine.js';
import { type Containerd, startContainerd } from './containerd/daemon.js';
import { CtrSite } from './containerd/site.js';
import { startDockerd } from './docker/daemon.js';
import { DockerSite } from './docker/site.js';
import { type RuntimeName, runtimes } from './lib/case.js';
import { makeImage } from './lib/image.js';
import { canRun } from './lib/suite.js';
import { placeFor } from './lib/world.js';
import type { Aftermath } from './soak/aftermath.js';
import { soakContainerd } from './soak/containerd.js';
import { soakDocker } from './soak/docker.js';
import { oneIn } from './soak/killer.js';
import type { Remains } from './soak/remains.js';
import type { Soaked } from './soak/soak.js';

const count = Number(process.env.RUNTS_ENGINES_SOAK ?? 0);
const patience = 3_600_000;

type Report = Soaked & Aftermath;

/** What no engine can leave behind when the runtime has deleted its containers. */
const runtimesOwn = ['processes', 'mounts', 'cgroups', 'states'] as const;

/**
 * A container stays if both its call and the one that should have cleared up were killed: with either
 * runtime, and chance decides how often.
 */
const byChance = Math.ceil(count / oneIn ** 2);

/** A daemon stays connected to each shim that is left. */
const allowed = (kind: keyof Remains, ours: Remains, theirs: Remains): number =>
  theirs[kind] +
  byChance * (kind === 'cgroups' ? hierarchies().length : 1) +
  (kind === 'descriptors' ? ours.shims : 0);

function compare(ours: Report, theirs: Report): void {
  process.stdout.write(`# ${JSON.stringify({ runts: ours, runc: theirs })}\n`);
  expect(Math.min(ours.killed, ours.whole)).toBeGreaterThan(0);
  const kinds = Object.keys(ours.left) as (keyof Remains)[];
  expect(kinds.filter((kind) => ours.left[kind] > allowed(kind, ours.left, theirs.left))).toEqual(
    [],
  );
  expect(runtimesOwn.filter((kind) => ours.deleted[kind] > 0)).toEqual([]);
}

describe.skipIf(!canRun || count === 0)('with npm run test:engines -- --soak', () => {
  const folder = canRun ? placeFor('soak') : '';
  let archive = '';
  let containerd: Containerd | undefined;

  beforeAll(async () => {
    archive = makeImage(folder);
    containerd = await startContainerd(folder);
  }, patience);

  afterAll(() => containerd?.daemon.stop());

  async function onContainerd(runtime: RuntimeName): Promise<Report> {
    await new CtrSite(runtime, folder, containerd!.socket).ctr('images', 'import', archive);
    return soakContainerd(runtime, folder, containerd!, count);
  }

  async function onDocker(runtime: RuntimeName): Promise<Report> {
    const dockerd = await startDockerd(runtime, placeFor(runtime), containerd!.socket);
    await new DockerSite(runtime, dockerd).docker('load', '--input', archive);
    try {
      return await soakDocker(runtime, dockerd, count);
    } finally {
      await dockerd.daemon.stop();
    }
  }

  const engines = { containerd: onContainerd, Docker: onDocker };

  test.each(Object.entries(engines))(
    'containers through %s leave nothing that those of runc would not leave, though calls are killed',
    async (_name, run) => {
      const reports: Partial<Record<RuntimeName, Report>> = {};
      for (const runtime of [...runtimes].reverse()) reports[runtime] = await run(runtime);
      compare(reports.runts!, reports.runc!);
    },
    patience,
  );
});
