import { afterAll, beforeAll, describe } from 'vitest';
import { type Containerd, startContainerd } from './containerd/daemon.js';
import { dockerCases } from './docker/cases.js';
import { type Dockerd, startDockerd } from './docker/daemon.js';
import { DockerSite } from './docker/site.js';
import { atSite } from './lib/at-site.js';
import { type RuntimeName, runtimes } from './lib/case.js';
import { makeImage } from './lib/image.js';
import { canRun, engineSuite } from './lib/suite.js';
import { placeFor } from './lib/world.js';

describe.skipIf(!canRun)('with npm run test:engines', () => {
  let containerd: Containerd | undefined;
  const daemons = new Map<RuntimeName, Dockerd>();

  beforeAll(async () => {
    const folder = placeFor('docker');
    const archive = makeImage(folder);
    containerd = await startContainerd(folder);
    for (const runtime of runtimes) {
      const dockerd = await startDockerd(runtime, placeFor(runtime), containerd.socket);
      daemons.set(runtime, dockerd);
      await new DockerSite(runtime, dockerd).docker('load', '--input', archive);
    }
  });

  afterAll(async () => {
    for (const { daemon } of daemons.values()) await daemon.stop();
    await containerd?.daemon.stop();
  });

  engineSuite('Docker', dockerCases, (runtime, act) =>
    atSite(new DockerSite(runtime, daemons.get(runtime)!), act),
  );
});
