import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Facts } from '../lib/case.js';
import { outcome } from '../lib/outcome.js';
import type { DockerSite } from './site.js';

async function build(site: DockerSite, ...lines: readonly string[]): Promise<Facts> {
  const folder = site.file('build');
  mkdirSync(folder);
  writeFileSync(join(folder, 'Dockerfile'), [`FROM ${site.image}`, ...lines, ''].join('\n'));
  const args = ['build', '--network', 'none', '--no-cache', '--force-rm', '--tag', 'built', folder];
  const built = await site.with({ env: { DOCKER_BUILDKIT: '0' } }, ...args);
  if (built.status !== 0) return { built: built.status ?? -1 };
  const run = await site.docker('run', '--rm', ...site.options([]), 'built');
  return { built: 0, ...outcome(run) };
}

export const buildCases: readonly Case<DockerSite>[] = [
  {
    name: 'docker build without BuildKit runs its steps',
    act: (site) =>
      build(
        site,
        'RUN echo made >/made; chmod 777 /tmp',
        'USER 3',
        'RUN id -u >/tmp/id',
        'CMD cat /made /tmp/id',
      ),
    wanted: { built: 0, status: 0, output: 'made\n3\n' },
  },
  {
    name: 'docker build without BuildKit ends with the status of a step that fails',
    act: (site) => build(site, 'RUN exit 7'),
    wanted: { built: 7 },
  },
];
