import { deepEqual, equal, ok } from 'node:assert/strict';
import { textOf } from '../lib/machine.js';
import { type Report, readReport } from '../probe/report.js';
import { controller } from '../runner/host.js';
import type { Need } from '../runner/test.js';
import { subject } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';

/** `0-3,7`: as proc_pid_status(5) has it. */
const cpusIn = (text = ''): number[] =>
  text.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });

const allowedIn = (status: string): number[] =>
  cpusIn(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1]);

const cpusOf = ({ files }: Report): string => allowedIn(String(files.status)).join();

const ours = (): number[] => allowedIn(textOf('/proc/self/status'));

const twoProcessors: Need = () => (ours().length > 1 ? null : 'needs two processors');

/** What the first process of a container sees, and another one that joins it (as `exec` of runc). */
async function pair(
  trial: Trial,
  execCPUAffinity: object,
  cpus?: string,
): Promise<{ init: string; other: string }> {
  const container = await trial.probing(['wait'], ({ process, linux }) => {
    process.execCPUAffinity = execCPUAffinity;
    if (cpus !== undefined) linux.resources = { ...linux.resources, cpu: { cpus } };
  });
  const init = cpusOf(await trial.firstReport(container));
  const file = container.processFile({ args: ['/probe'], execCPUAffinity });
  const joined = await succeeds(container.exec(['--process', file]));
  return { init, other: cpusOf(readReport(joined.stdout)) };
}

export const affinityTests = subject('affinity', (test) => {
  test(
    'not-of-init',
    'execCPUAffinity does not change the affinity of the first process',
    { proves: ['runtime/start/3'], needs: [twoProcessors] },
    async (trial) => {
      const cpu = `${ours().at(-1)}`;
      const plain = cpusOf(await trial.look());
      const { init } = await pair(trial, { initial: cpu, final: cpu });
      equal(init, plain);
    },
  );

  for (const [slug, title, final] of [
    ['without-final', 'Without final', {}],
    ['empty-final', 'With an empty final', { final: '' }],
  ] as const)
    test(
      slug,
      `${title}, a process that joins has what the kernel leaves it: initial, or the container’s`,
      { proves: ['config/linux-process/5'], needs: [twoProcessors] },
      async (trial) => {
        const cpu = `${ours().at(-1)}`;
        const { init, other } = await pair(trial, { initial: cpu, ...final });
        ok([init, cpu].includes(other), `has ${other}, neither ${cpu} nor ${init}`);
      },
    );

  test(
    'other-cpuset',
    'Without final, a process that joins has the CPUs of the cgroup, if it has none of initial',
    { proves: ['config/linux-process/5'], needs: [twoProcessors, controller('cpuset')] },
    async (trial) => {
      const [first, last] = [`${ours()[0]}`, `${ours().at(-1)}`];
      const { init, other } = await pair(trial, { initial: last }, first);
      deepEqual([init, other], [first, first]);
    },
  );

  test(
    'neither',
    'Without initial and final, a process that joins may use the CPUs of the container or of its caller',
    { proves: ['config/linux-process/5'], needs: [twoProcessors] },
    async (trial) => {
      const { init, other } = await pair(trial, {});
      ok([init, ours().join()].includes(other), `has ${other}, not ${init}`);
    },
  );
});
