import type { Case } from '../lib/case.js';
import { type Odd, oddCommands } from '../lib/odd-commands.js';
import { failure } from '../lib/outcome.js';
import type { PodmanSite } from './site.js';

const caseOf = ({ what, command }: Odd): Case<PodmanSite> => ({
  name: `podman run of ${what}`,
  act: async (site) => failure(await site.run([], ...command)),
  wanted: {},
});

const execCaseOf = ({ what, command }: Odd): Case<PodmanSite> => ({
  name: `podman exec of ${what}`,
  async act(site) {
    const name = await site.idle();
    return failure(await site.podman('exec', name, ...command));
  },
  wanted: {},
});

/** Commands that cannot run. */
export const oddCases: readonly Case<PodmanSite>[] = [
  ...oddCommands.map(caseOf),
  ...oddCommands.map(execCaseOf),
  {
    name: 'podman run with a flag that there is not ends with 125',
    act: async (site) => ({ status: (await site.run(['--nonsense'], 'true')).status ?? -1 }),
    wanted: { status: 125 },
  },
  {
    name: 'podman run in a working directory that is not there',
    act: async (site) => ({
      status: (await site.run(['--workdir', '/nowhere'], 'true')).status ?? -1,
    }),
    wanted: { status: 126 },
  },
  {
    name: 'podman exec in a working directory that is not there',
    async act(site) {
      const name = await site.idle();
      return failure(await site.podman('exec', '--workdir', '/nowhere', name, 'true'));
    },
    wanted: {},
  },
];
