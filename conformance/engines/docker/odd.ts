import type { Case } from '../lib/case.js';
import { type Odd, oddCommands } from '../lib/odd-commands.js';
import { failure } from '../lib/outcome.js';
import type { DockerSite } from './site.js';

const caseOf = ({ what, command, status }: Odd): Case<DockerSite> => ({
  name: `docker run of ${what}`,
  act: async (site) => failure(await site.run([], ...command)),
  wanted: { status },
});

const execCaseOf = ({ what, command, exec }: Odd): Case<DockerSite> => ({
  name: `docker exec of ${what}`,
  async act(site) {
    const id = await site.idle();
    return failure(await site.docker('exec', id, ...command));
  },
  wanted: { status: exec },
});

/** Commands that cannot run. */
export const oddCases: readonly Case<DockerSite>[] = [
  ...oddCommands.map(caseOf),
  ...oddCommands.map(execCaseOf),
  {
    name: 'docker run with a working directory that is no directory fails',
    act: async (site) => failure(await site.run(['--workdir', '/etc/group'], 'true')),
    wanted: { status: 125 },
  },
  {
    name: 'docker exec in a working directory that is not there fails',
    async act(site) {
      const id = await site.idle();
      return failure(await site.docker('exec', '--workdir', '/nowhere', id, 'true'));
    },
    wanted: { status: 126 },
  },
];
