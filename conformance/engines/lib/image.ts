import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRootfs } from '../../lib/rootfs.js';
import { placeOddPrograms } from './odd-programs.js';

/** No registry has them: the engines get them from an archive. */
export const imageName = 'runts.test/busybox:latest';
/** What holds the namespaces of a pod. */
export const pauseImage = 'runts.test/pause:latest';

const images: readonly (readonly [name: string, config: object])[] = [
  [imageName, { Cmd: ['sh'] }],
  [pauseImage, { Entrypoint: ['/bin/pause'] }],
];

/** Waits for its end, and ends when it is told to. */
const pause = '#!/bin/sh\ntrap "exit 0" TERM INT\nsleep 1000000 &\nwait\n';

const applets = ['mktemp', 'nproc', 'stty', 'timeout', 'unshare', 'xargs'];

const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/**
 * One tar file that every engine takes: an OCI image layout, image-layout.md, which has the
 * manifest.json of `docker save` as well.
 */
export function makeImage(folder: string): string {
  const layout = join(folder, 'layout');
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  const blob = (data: string | Buffer): Blob => {
    const hex = createHash('sha256').update(data).digest('hex');
    writeFileSync(join(layout, 'blobs/sha256', hex), data);
    return { digest: `sha256:${hex}`, size: Buffer.byteLength(data) };
  };
  const layer = blob(readFileSync(makeLayer(folder)));
  const made = images.map(([name, config]) => {
    const described = blob(JSON.stringify(configOf(layer.digest, config)));
    return { name, config: described, manifest: blob(manifestOf(described, layer)) };
  });
  return pack(folder, {
    'oci-layout': { imageLayoutVersion: '1.0.0' },
    'index.json': {
      schemaVersion: 2,
      manifests: made.map(({ name, manifest }) => ({
        ...descriptor('manifest.v1+json', manifest),
        annotations: {
          'io.containerd.image.name': name,
          'org.opencontainers.image.ref.name': name,
        },
      })),
    },
    'manifest.json': made.map(({ name, config }) => ({
      Config: pathOf(config),
      RepoTags: [name],
      Layers: [pathOf(layer)],
    })),
  });
}

const pathOf = ({ digest }: Blob): string => `blobs/${digest.replace(':', '/')}`;

const descriptor = (type: string, { digest, size }: Blob) => ({
  mediaType: `application/vnd.oci.image.${type}`,
  digest,
  size,
});

const configOf = (diffId: string, config: object): unknown => ({
  architecture: 'amd64',
  os: 'linux',
  config: { Env: environment, ...config },
  rootfs: { type: 'layers', diff_ids: [diffId] },
  // Podman counts it when it builds upon the image.
  history: [{ created: '2020-01-01T00:00:00Z', created_by: 'runts' }],
});

const manifestOf = (config: Blob, layer: Blob): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('config.v1+json', config),
    layers: [descriptor('layer.v1.tar', layer)],
  });

function makeLayer(folder: string): string {
  const rootfs = join(folder, 'rootfs');
  makeRootfs(rootfs);
  for (const name of applets) symlinkSync('busybox', join(rootfs, 'bin', name));
  writeFileSync(join(rootfs, 'bin/pause'), pause, { mode: 0o755 });
  placeOddPrograms(rootfs);
  const layer = join(folder, 'layer.tar');
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  execFileSync('tar', [...owner, '-C', rootfs, '-cf', layer, '.']);
  return layer;
}

function pack(folder: string, files: Readonly<Record<string, unknown>>): string {
  const layout = join(folder, 'layout');
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(layout, name), JSON.stringify(content));
  const archive = join(folder, 'image.tar');
  execFileSync('tar', ['-C', layout, '-cf', archive, 'blobs', ...Object.keys(files)]);
  return archive;
}
