import { afterAll, beforeAll, describe } from 'vitest';
import { ctrCases } from './containerd/cases.js';
import { type Containerd, startContainerd } from './containerd/daemon.js';
import { CtrSite } from './containerd/site.js';
import { atSite } from './lib/at-site.js';
import { runtimes } from './lib/case.js';
import { makeImage } from './lib/image.js';
import { canRun, engineSuite } from './lib/suite.js';
import { placeFor } from './lib/world.js';

describe.skipIf(!canRun)('with npm run test:engines', () => {
  let containerd: Containerd | undefined;
  const folder = canRun ? placeFor('containerd') : '';

  beforeAll(async () => {
    const archive = makeImage(folder);
    containerd = await startContainerd(folder);
    for (const runtime of runtimes)
      await new CtrSite(runtime, folder, containerd.socket).ctr('images', 'import', archive);
  });

  afterAll(() => containerd?.daemon.stop());

  engineSuite('containerd', ctrCases, (runtime, act) =>
    atSite(new CtrSite(runtime, folder, containerd?.socket ?? ''), act),
  );
});
