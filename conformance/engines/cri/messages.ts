/** What runtime.proto says, as far as the cases use it; 64-bit numbers come as text. */

type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE';

export interface Namespaces {
  readonly network?: NamespaceMode;
  readonly pid?: NamespaceMode;
  readonly ipc?: NamespaceMode;
}

export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly namespace: string };
  readonly log_directory: string;
  readonly linux: {
    readonly cgroup_parent: string;
    readonly sysctls?: Readonly<Record<string, string>>;
    readonly security_context: { readonly namespace_options: Namespaces };
  };
}

export interface Resources {
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_shares?: number;
  readonly memory_limit_in_bytes?: number;
  readonly oom_score_adj?: number;
}

export interface Security {
  readonly capabilities?: {
    readonly add_capabilities?: readonly string[];
    readonly drop_capabilities?: readonly string[];
  };
  readonly privileged?: boolean;
  readonly namespace_options?: Namespaces;
  readonly run_as_user?: { readonly value: number };
  readonly run_as_group?: { readonly value: number };
  readonly supplemental_groups?: readonly number[];
  readonly readonly_rootfs?: boolean;
  readonly no_new_privs?: boolean;
  readonly masked_paths?: readonly string[];
  readonly readonly_paths?: readonly string[];
  readonly seccomp?: { readonly profile_type: 'RuntimeDefault' | 'Unconfined' };
}

export interface Container {
  readonly command: readonly string[];
  readonly working_dir?: string;
  readonly envs?: readonly { readonly key: string; readonly value: string }[];
  readonly mounts?: readonly {
    readonly container_path: string;
    readonly host_path: string;
    readonly readonly?: boolean;
  }[];
  readonly tty?: boolean;
  readonly linux?: { readonly resources?: Resources; readonly security_context?: Security };
}

interface NamedContainer extends Container {
  readonly metadata: { readonly name: string };
  readonly image: { readonly image: string };
  readonly log_path: string;
}

interface PodId {
  readonly pod_sandbox_id: string;
}

interface ContainerId {
  readonly container_id: string;
}

export interface ContainerStatus {
  readonly state: 'CREATED' | 'RUNNING' | 'EXITED' | 'UNKNOWN';
  readonly exit_code: number;
  readonly reason: string;
  readonly message: string;
}

interface Stats {
  readonly cpu: { readonly usage_core_nano_seconds: { readonly value: string } };
  readonly memory: { readonly working_set_bytes: { readonly value: string } };
}

type Nothing = Readonly<Record<string, never>>;

/** Every call: what is asked, and what is answered. */
export interface Calls {
  readonly Version: readonly [Nothing, { readonly runtime_name: string }];
  readonly RunPodSandbox: readonly [{ config: Pod; runtime_handler: string }, PodId];
  readonly PodSandboxStatus: readonly [PodId, { readonly status: { readonly state: string } }];
  readonly StopPodSandbox: readonly [PodId, Nothing];
  readonly RemovePodSandbox: readonly [PodId, Nothing];
  readonly CreateContainer: readonly [
    PodId & { config: NamedContainer; sandbox_config: Pod },
    ContainerId,
  ];
  readonly StartContainer: readonly [ContainerId, Nothing];
  readonly StopContainer: readonly [ContainerId & { timeout: number }, Nothing];
  readonly RemoveContainer: readonly [ContainerId, Nothing];
  readonly ContainerStatus: readonly [ContainerId, { readonly status: ContainerStatus }];
  readonly ContainerStats: readonly [ContainerId, { readonly stats: Stats }];
  readonly UpdateContainerResources: readonly [ContainerId & { linux: Resources }, Nothing];
  readonly ExecSync: readonly [
    ContainerId & { cmd: readonly string[]; timeout: number },
    { readonly stdout: Buffer; readonly stderr: Buffer; readonly exit_code: number },
  ];
  readonly Exec: readonly [
    ContainerId & {
      cmd: readonly string[];
      tty: boolean;
      stdin: boolean;
      stdout: boolean;
      stderr: boolean;
    },
    { readonly url: string },
  ];
}
