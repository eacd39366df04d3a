/** What the probe tells (probe.c), and what can be read from it. */
import { type MountEntry, parseMounts } from '../lib/machine.js';

/** Of something that could not be read. */
export interface Failed {
  readonly errno: number;
}

export type Text = string | Failed;

export interface Descriptor {
  readonly fd: number;
  readonly type: string;
  readonly inode: number;
  readonly terminal: number;
  readonly target: Text;
}

/** What somebody has sent to `agent` over one connection. */
export interface Connection {
  readonly text: string;
  /** How many came with the first message, and how many with later ones. */
  readonly descriptors: number;
  readonly late: number;
  /** 1 if the other end has closed it. */
  readonly closed: number;
}

/** Of one operation: which of the fields are there depends on it. */
export interface Result {
  readonly operation: string;
  /** It has failed. */
  readonly errno?: number;
  /** What a call has answered. */
  readonly value?: number;
  /** Of `read`, `stdin` and `console`. */
  readonly text?: Text;
  /** Of `agent`. */
  readonly connections?: readonly Connection[];
  /** Of `list` and `addresses`. */
  readonly names?: readonly string[];
  /** Of `stat`. */
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly size?: number;
  readonly inode?: number;
  readonly device?: number;
  readonly target?: Text;
  /** Of `statfs`. */
  readonly magic?: number;
  readonly flags?: number;
  readonly bytes?: number;
  readonly inodes?: number;
  /** Of `getrlimit`: decimal. */
  readonly soft?: string;
  readonly hard?: string;
  /** Of `window`. */
  readonly rows?: number;
  readonly columns?: number;
  /** Of `container`. */
  readonly namespaces?: Readonly<Record<string, Text>>;
  readonly mountinfo?: Text;
  readonly cmdline?: Text;
  /** Of `receive`, beside the text of the message: how many came with it, and what the first one is. */
  readonly descriptors?: number;
  readonly terminal?: number;
  /** Of its fdinfo. */
  readonly info?: Text;
  /** Bytes after the message. */
  readonly more?: number;
  /** Of `datagrams`. */
  readonly messages?: readonly { readonly text: string; readonly descriptors: number }[];
  /** Of `reap`, in the order in which they ended; 128 and the signal of those who were killed. */
  readonly ended?: readonly { readonly pid: number; readonly status: number }[];
  /** Of `terminal`: how its program ended, and whether the terminal behaves as before. */
  readonly status?: number;
  readonly restored?: number;
}

export interface RawReport {
  readonly results: readonly Result[];
  readonly fds: readonly Descriptor[];
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly pid: number;
  readonly ppid: number;
  readonly sid: number;
  readonly pgid: number;
  readonly hostname: string;
  readonly domainname: string;
  readonly machine: string;
  /** Below /proc/self. */
  readonly files: Readonly<Record<string, Text>>;
  readonly namespaces: Readonly<Record<string, Text>>;
  readonly scheduling: Readonly<Record<string, number>>;
  readonly memoryPolicy: { readonly mode?: number; readonly nodes?: number };
  readonly keyring: number;
}

export interface Report extends RawReport {
  /** Fields of proc_pid_status(5): `Umask`, `Uid`, `CapEff`, `NoNewPrivs`. */
  readonly status: Readonly<Record<string, string>>;
  readonly mounts: readonly MountEntry[];
}

const known = (text: Text | undefined): string => (typeof text === 'string' ? text : '');

const statusOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^(\w+):\s*(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, (value ?? '').trim().replace(/\s+/g, ' ')]];
    }),
  );

export function readReport(line: string): Report {
  const raw: RawReport = JSON.parse(line);
  return {
    ...raw,
    status: statusOf(known(raw.files.status)),
    mounts: parseMounts(known(raw.files.mountinfo)),
  };
}

/** Every line that probes have written to a file with `to`. */
export const readReports = (text: string): Report[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map(readReport);

/** The uppermost of the mounts there. */
export const mountAt = ({ mounts }: Report, path: string): MountEntry | undefined =>
  mounts.findLast((mount) => mount.path === path);
