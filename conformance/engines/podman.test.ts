import { beforeAll, describe } from 'vitest';
import { atSite } from './lib/at-site.js';
import { type RuntimeName, runtimes } from './lib/case.js';
import { makeImage } from './lib/image.js';
import { canRun, engineSuite } from './lib/suite.js';
import { placeFor } from './lib/world.js';
import { userCases } from './podman/cases.js';
import { type PodmanHome, rootHome, userHome } from './podman/home.js';
import { rootCases } from './podman/root.js';
import { PodmanSite } from './podman/site.js';

describe.skipIf(!canRun)('with npm run test:engines', () => {
  const archive = canRun ? makeImage(placeFor('podman')) : '';

  describe.each([
    { engine: 'Podman as root', cases: rootCases, makeHome: rootHome },
    { engine: 'Podman as an ordinary user', cases: userCases, makeHome: userHome },
  ])('$engine', ({ engine, cases, makeHome }) => {
    const homes = new Map<RuntimeName, PodmanHome>();

    beforeAll(async () => {
      for (const runtime of runtimes) {
        const home = makeHome(runtime);
        homes.set(runtime, home);
        const { status, stderr } = await new PodmanSite(runtime, home).podman(
          'load',
          '-i',
          archive,
        );
        if (status !== 0) throw new Error(stderr);
      }
    });

    engineSuite(engine, cases, (runtime, act) =>
      atSite(new PodmanSite(runtime, homes.get(runtime)!), act),
    );
  });
});
