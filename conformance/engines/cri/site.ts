import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../lib/until.js';
import type { RuntimeName } from '../lib/case.js';
import { idleScript } from '../lib/idle.js';
import { imageName } from '../lib/image.js';
import { worldCgroup } from '../lib/world.js';
import type { KubeletClient } from './client.js';
import type { Container, ContainerStatus, Namespaces, Pod, Resources } from './messages.js';
import { type StreamedExec, type StreamInput, stream } from './stream.js';

let count = 0;

/**
 * What the kubelet asks for, but for the network: one of the pod's own would need plug-ins that
 * nobody installs here.
 */
const usual: Namespaces = { network: 'NODE', pid: 'CONTAINER' };

/** A pod that runs, for one case. */
export class PodSite {
  readonly #client: KubeletClient;
  readonly #folder: string;
  readonly #runtime: RuntimeName;
  #pod: Pod | null = null;
  #podId = '';

  constructor(client: KubeletClient, folder: string, runtime: RuntimeName) {
    this.#client = client;
    this.#folder = folder;
    this.#runtime = runtime;
  }

  async runPod(
    more: { readonly namespaces?: Namespaces; readonly sysctls?: Record<string, string> } = {},
  ): Promise<string> {
    const uid = `pod-${this.#runtime}-${count++}`;
    const logs = join(this.#folder, uid);
    mkdirSync(logs);
    this.#pod = {
      metadata: { name: uid, uid, namespace: 'test' },
      log_directory: logs,
      linux: {
        cgroup_parent: `${worldCgroup}/${uid}`,
        ...(more.sysctls && { sysctls: more.sysctls }),
        security_context: { namespace_options: { ...usual, ...more.namespaces } },
      },
    };
    const request = { config: this.#pod, runtime_handler: this.#runtime };
    this.#podId = (await this.#client.call('RunPodSandbox', request)).pod_sandbox_id;
    return this.#podId;
  }

  async podState(): Promise<string> {
    const request = { pod_sandbox_id: this.#podId };
    return (await this.#client.call('PodSandboxStatus', request)).status.state;
  }

  async stopPod(): Promise<void> {
    await this.#client.call('StopPodSandbox', { pod_sandbox_id: this.#podId });
  }

  /** In the pod, which is made when there is none. */
  async create(container: Container): Promise<string> {
    if (this.#pod === null) await this.runPod();
    const name = `container-${count++}`;
    const config = {
      ...container,
      linux: {
        ...container.linux,
        security_context: { namespace_options: usual, ...container.linux?.security_context },
      },
      metadata: { name },
      image: { image: imageName },
      log_path: `${name}.log`,
    };
    const request = { pod_sandbox_id: this.#podId, config, sandbox_config: this.#pod! };
    const { container_id } = await this.#client.call('CreateContainer', request);
    this.#logs.set(container_id, join(this.#pod!.log_directory, `${name}.log`));
    return container_id;
  }

  readonly #logs = new Map<string, string>();

  async start(container: Container): Promise<string> {
    const id = await this.create(container);
    await this.#client.call('StartContainer', { container_id: id });
    return id;
  }

  idle(container: Omit<Container, 'command'> = {}): Promise<string> {
    const script = idleScript(4);
    return this.start({ ...container, command: ['sh', '-c', script] });
  }

  /** What StartContainer says when it fails. */
  async startError(container: Container): Promise<string> {
    const id = await this.create(container);
    return this.#client.call('StartContainer', { container_id: id }).then(
      () => '',
      (error: Error) => error.message,
    );
  }

  /** Lines of the log that the kubelet reads: what a container has written, without the times. */
  log(id: string): string {
    const path = this.#logs.get(id) ?? '';
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return text.replaceAll(/^\S+ (\S+) [FP] /gm, '$1 ');
  }

  async statusOf(id: string): Promise<ContainerStatus> {
    return (await this.#client.call('ContainerStatus', { container_id: id })).status;
  }

  untilExited(id: string): Promise<ContainerStatus> {
    return until(`the container ${id} has ended`, async () => {
      const status = await this.statusOf(id);
      return status.state === 'EXITED' && status;
    });
  }

  /** The container's status after its end, and its log. */
  async run(container: Container): Promise<{ readonly status: number; readonly output: string }> {
    const id = await this.start(container);
    const { exit_code: status } = await this.untilExited(id);
    return { status, output: this.log(id) };
  }

  /** Gives it so many seconds before SIGKILL. */
  async stop(id: string, timeout: number): Promise<ContainerStatus> {
    await this.#client.call('StopContainer', { container_id: id, timeout });
    return this.statusOf(id);
  }

  async remove(id: string): Promise<void> {
    await this.#client.call('RemoveContainer', { container_id: id });
  }

  async update(id: string, linux: Resources): Promise<void> {
    await this.#client.call('UpdateContainerResources', { container_id: id, linux });
  }

  async exec(
    id: string,
    cmd: readonly string[],
    timeout = 0,
  ): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
    const answer = await this.#client.call('ExecSync', { container_id: id, cmd, timeout });
    const [stdout, stderr] = [answer.stdout.toString(), answer.stderr.toString()];
    return { status: answer.exit_code, stdout, stderr };
  }

  async streamExec(
    id: string,
    cmd: readonly string[],
    input: StreamInput & { readonly tty?: boolean } = {},
  ): Promise<StreamedExec> {
    const { tty = false } = input;
    const stdin = input.stdin !== undefined;
    const request = { container_id: id, cmd, tty, stdin, stdout: true, stderr: !tty };
    return stream((await this.#client.call('Exec', request)).url, input);
  }

  async stats(id: string): Promise<{ readonly cpu: bigint; readonly memory: bigint }> {
    const { stats } = await this.#client.call('ContainerStats', { container_id: id });
    const { cpu, memory } = stats;
    return {
      cpu: BigInt(cpu.usage_core_nano_seconds.value),
      memory: BigInt(memory.working_set_bytes.value),
    };
  }

  async close(): Promise<void> {
    if (this.#podId === '') return;
    await this.stopPod();
    await this.#client.call('RemovePodSandbox', { pod_sandbox_id: this.#podId });
  }
}
