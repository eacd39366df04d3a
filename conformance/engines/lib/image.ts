import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRootfs } from '../../lib/rootfs.js';
import { placeOddPrograms } from './odd-programs.js';

/** No registry has it: the engines get it from an archive. */
export const imageName = 'runts.test/busybox:latest';

const applets = ['mktemp', 'nproc', 'stty', 'timeout', 'unshare', 'xargs'];

export interface ImageOptions {
  readonly name?: string;
  readonly command?: readonly string[];
}

const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

/**
 * One tar file that every engine takes: an OCI image layout, image-layout.md, which has the
 * manifest.json of `docker save` as well.
 */
export function makeImage(
  folder: string,
  { name = imageName, command = ['sh'] }: ImageOptions = {},
): string {
  const layer = makeLayer(folder);
  const blobs = join(folder, 'layout/blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const blob = (data: string | Buffer) => {
    const hex = createHash('sha256').update(data).digest('hex');
    writeFileSync(join(blobs, hex), data);
    return { hex, digest: `sha256:${hex}`, size: Buffer.byteLength(data) };
  };
  const tar = blob(readFileSync(layer));
  const config = blob(JSON.stringify(configOf(tar.digest, command)));
  const described = (type: string, { digest, size }: typeof tar) => ({
    mediaType: `application/vnd.oci.image.${type}`,
    digest,
    size,
  });
  const manifest = blob(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: described('config.v1+json', config),
      layers: [described('layer.v1.tar', tar)],
    }),
  );
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name,
  };
  return pack(folder, {
    'oci-layout': { imageLayoutVersion: '1.0.0' },
    'index.json': {
      schemaVersion: 2,
      manifests: [{ ...described('manifest.v1+json', manifest), annotations }],
    },
    'manifest.json': [
      {
        Config: `blobs/sha256/${config.hex}`,
        RepoTags: [name],
        Layers: [`blobs/sha256/${tar.hex}`],
      },
    ],
  });
}

function configOf(diffId: string, command: readonly string[]): unknown {
  return {
    architecture: 'amd64',
    os: 'linux',
    config: { Env: environment, Cmd: command },
    rootfs: { type: 'layers', diff_ids: [diffId] },
  };
}

function makeLayer(folder: string): string {
  const rootfs = join(folder, 'rootfs');
  makeRootfs(rootfs);
  for (const name of applets) symlinkSync('busybox', join(rootfs, 'bin', name));
  placeOddPrograms(rootfs);
  const layer = join(folder, 'layer.tar');
  execFileSync('tar', [
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '-C',
    rootfs,
    '-cf',
    layer,
    '.',
  ]);
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
