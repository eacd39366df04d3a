import { deepEqual, equal, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { Container } from '../lib/container.js';
import type { Connection, Report } from '../probe/report.js';
import { listening, onHost } from '../runner/holder.js';
import { kernel } from '../runner/host.js';
import { subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';
import { runs } from './lib/view.js';
import { numberOf, ruling, victim } from './seccomp-filter.js';

const notify = 'SCMP_ACT_NOTIFY';
const needs = [kernel(5, 5)];
const place = 'config-linux/the-container-process-state';

/** At the path of the socket, so that nobody can be told anything there. */
const unheard: readonly (readonly [slug: string, what: string, place: (path: string) => void])[] = [
  ['nobody', 'there is no socket', () => {}],
  ['file', 'a file lies in place of the socket', (path) => writeFileSync(path, '')],
  ['left', 'who has listened is gone', (path) => void onHost('mknod', path, 's', '0', '0')],
];

interface Told {
  readonly agent: Report;
  readonly container: Container;
  readonly connection: Connection;
  /** What the container's probe saw. */
  readonly output: string;
}

/** A container whose filter asks somebody, who listens. */
async function asking(trial: Trial, more: Record<string, unknown> = {}): Promise<Told> {
  const container = trial.container((config) => {
    config.process.args = ['/probe', 'syscall', numberOf(victim)];
    config.annotations = { 'org.example.key': 'value' };
    ruling({ action: notify })(config);
    Object.assign(config.linux.seccomp as object, {
      listenerPath: trial.file('socket'),
      ...more,
    });
  });
  const agent = await listening(trial, 'agent', async () => {
    await container.started();
    await container.ended();
    await container.delete();
  });
  const [connection] = agent.results[0]?.connections ?? [];
  if (connection === undefined) throw new Error('nobody has connected');
  return { agent, container, connection, output: container.output() };
}

export const seccompListenerTests = subject('seccomp-listener', (test) => {
  test(
    'answers',
    'Who listens gets the descriptor of the filter, and decides about a call',
    {
      proves: ['config-linux/seccomp/2', `${place}/1`],
      needs,
    },
    async (trial) => {
      const { agent, output } = await asking(trial);
      equal(agent.results[0]?.value, 1, 'calls that were asked about');
      equal(JSON.parse(output).results[0].value, 4242);
    },
  );

  test(
    'state',
    'What is sent is the state of the container’s process as JSON',
    { proves: [`${place}/1`], needs },
    async (trial) => {
      const { container, connection } = await asking(trial, { listenerMetadata: 'some data' });
      const { ociVersion, fds, pid, metadata, state } = JSON.parse(connection.text);
      ok(/^1\.\d+\.\d+/.test(ociVersion), `ociVersion is ${ociVersion}`);
      deepEqual(fds, ['seccompFd']);
      equal(pid, container.pid);
      equal(metadata, 'some data');
      const { id, status, bundle, pid: second, annotations } = state;
      equal(id, container.id);
      // When the filter is installed, hence asked about, is the runtime's own matter.
      ok(['creating', 'created'].includes(status), `the status is ${status}`);
      equal(bundle, container.bundle);
      if (status === 'created' || second !== undefined) equal(second, container.pid);
      equal(annotations?.['org.example.key'], 'value');
    },
  );

  test(
    'once',
    'There is one connection, with one state, which is closed then',
    { proves: ['config-linux/seccomp/3', 'config-linux/seccomp/4'], needs },
    async (trial) => {
      const { agent, connection } = await asking(trial);
      equal(agent.results[0]?.connections?.length, 1, 'connections');
      // Two documents after each other would not be one.
      JSON.parse(connection.text);
      equal(connection.closed, 1, 'the connection was closed');
    },
  );

  test(
    'descriptors',
    'The descriptors come with the first message, as many as there are names',
    { proves: [`${place}/1`, `${place}/2`], needs },
    async (trial) => {
      const { connection } = await asking(trial);
      equal(connection.descriptors, JSON.parse(connection.text).fds.length);
      equal(connection.late, 0);
    },
  );

  for (const [slug, what, place] of unheard)
    test(
      slug,
      `Where ${what} the container is not created, or not started`,
      { proves: ['config-linux/seccomp/5'], needs },
      async (trial) => {
        place(trial.file('unheard'));
        const container = trial.container((config) => {
          ruling({ action: notify })(config);
          Object.assign(config.linux.seccomp as object, { listenerPath: trial.file('unheard') });
        });
        const created = await container.create();
        const started = created.status === 0 ? await container.start() : created;
        ok(started.status !== 0, 'the container has been started');
        equal(runs(container), 0, 'the program has been run');
      },
    );

  test(
    'ignored',
    'A path is ignored when nothing is to be asked',
    { proves: ['runtime/lifecycle/1'] },
    async (trial) => {
      const { results } = await trial.look(
        (config) => {
          ruling({ errnoRet: 74 })(config);
          Object.assign(config.linux.seccomp as object, { listenerPath: trial.file('nobody') });
        },
        ...['syscall', numberOf(victim)],
      );
      equal(results[0]?.errno, 74);
    },
  );

  test(
    'killable',
    'A filter that asks can have the flag WAIT_KILLABLE_RECV',
    { proves: ['runtime/lifecycle/1'], needs: [kernel(5, 19)] },
    async (trial) => {
      const flags = ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'];
      const { output } = await asking(trial, { flags });
      equal(JSON.parse(output).results[0].value, 4242);
    },
  );
});
