import { afterAll, beforeAll, describe } from 'vitest';
import { call } from '../lib/call.js';
import { type Containerd, startContainerd } from './containerd/daemon.js';
import { kubeletCases } from './cri/cases.js';
import { connectAsKubelet, type KubeletClient } from './cri/client.js';
import { PodSite } from './cri/site.js';
import { atSite } from './lib/at-site.js';
import { makeImage } from './lib/image.js';
import { canRun, engineSuite } from './lib/suite.js';
import { placeFor } from './lib/world.js';

describe.skipIf(!canRun)('with npm run test:engines', () => {
  let containerd: Containerd | undefined;
  let client: KubeletClient | undefined;
  const folder = canRun ? placeFor('kubelet') : '';

  beforeAll(async () => {
    const archive = makeImage(folder);
    containerd = await startContainerd(folder);
    const words = ['--address', containerd.socket, '--namespace', 'k8s.io'];
    await call(folder, ['ctr', ...words, 'images', 'import', archive]);
    client = connectAsKubelet(containerd.socket);
  });

  afterAll(async () => {
    client?.close();
    await containerd?.daemon.stop();
  });

  engineSuite('kubelet (CRI)', kubeletCases, (runtime, act) =>
    atSite(new PodSite(client!, folder, runtime), act),
  );
});
