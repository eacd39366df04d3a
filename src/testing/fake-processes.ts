import { POLLIN, SIGKILL, WNOHANG } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { Natives } from '../linux/natives.js';
import type { FakeMachine } from './fake-machine.js';
import { makeNode } from './fake-tree.js';

/** Thrown by exit_group(2), which does not return. */
export class Exited extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

function signal(machine: FakeMachine, pid: number, number: number): number {
  if (!machine.processes.has(pid)) return -errno.ESRCH;
  machine.signals.push([pid, number]);
  if (number === SIGKILL) machine.end(pid, SIGKILL);
  return 0;
}

function wait4(machine: FakeMachine): Natives['wait4'] {
  return (pid, status, options) => {
    const process = machine.processes.get(pid);
    if (process === undefined) return -errno.ECHILD;
    if (process.ended === null) {
      if (options & WNOHANG) return 0;
      throw new Error(`waits for process ${pid} for ever`);
    }
    if (status !== null) new DataView(status.buffer).setInt32(0, process.ended, true);
    machine.forget(pid);
    return pid;
  };
}

function ppoll(machine: FakeMachine): Natives['ppoll'] {
  return (fds) => {
    const entries = new Int32Array(fds!.buffer);
    let ready = 0;
    for (let i = 0; i < entries.length; i += 2) {
      const { pid, name } = machine.table.get(entries[i]!) ?? {};
      // What is left in the channel can be read, and then its end.
      const isQuiet = pid === undefined || machine.processes.get(pid)?.ended === null;
      if (isQuiet && name !== 'channel') continue;
      entries[i + 1]! |= POLLIN << 16;
      ready++;
    }
    return ready;
  };
}

function processes(machine: FakeMachine): Partial<Natives> {
  const pidOf = (fd: number) => machine.table.get(fd)?.pid ?? -1;
  return {
    getpid: () => 100,
    geteuid: () => 0,
    getegid: () => 0,
    kill: (pid, number) => signal(machine, pid, number),
    pidfdOpen: (pid) =>
      machine.processes.has(pid)
        ? machine.open(machine.anonymous(`process ${pid}`, { pid }))
        : -errno.ESRCH,
    pidfdSendSignal: (fd, number) => signal(machine, pidOf(fd), number),
    wait4: wait4(machine),
    ppoll: ppoll(machine),
    prlimit64: (pid) => (machine.processes.has(pid) ? 0 : -errno.ESRCH),
    exit(status) {
      throw new Exited(status);
    },
  };
}

/** The child's own affairs, of which nothing can be seen from outside. */
const accepted: Partial<Natives> = {
  prctl: () => 0,
  setsid: () => 0,
  unshare: () => 0,
  setgroups: () => 0,
  setns: () => 0,
  sethostname: () => 0,
  setdomainname: () => 0,
  joinSessionKeyring: () => 77,
  keyctl: () => 0,
  finish: () => 0,
  runProgram: () => 0,
  dropBounding: () => 0,
  bpf: () => 0,
};

function machineFacts(): Partial<Natives> {
  return {
    uname(buffer) {
      buffer!.set(Buffer.from('6.1.0-13-amd64'), 2 * 65);
      return 0;
    },
    /** Everything is permitted. */
    capget(_, data) {
      data!.fill(0xff);
      return 0;
    },
    clockGettime(_, buffer) {
      const view = new DataView(buffer!.buffer);
      view.setBigInt64(0, 1_700_000_000n, true);
      view.setBigInt64(8, 5n, true);
      return 0;
    },
  };
}

const pathOf = (address: Uint8Array | null) =>
  Buffer.from(address!.subarray(2, address!.indexOf(0, 2))).toString();

function sockets(machine: FakeMachine): Partial<Natives> {
  return {
    socket: () => machine.open(machine.anonymous('socket')),
    socketpair(_family, _type, _protocol, fds) {
      const numbers = ['one end', 'other end'].map((name) => machine.open(machine.anonymous(name)));
      fds!.set(new Uint8Array(new Int32Array(numbers).buffer));
      return 0;
    },
    bind: (_, address) => machine.make(-100, pathOf(address), makeNode({ mode: 0o140755 })),
    listen: () => 0,
    connect: (_, address) => {
      const node = machine.find(-100, pathOf(address));
      return typeof node === 'number' ? node : 0;
    },
    ioctl: (fd) => machine.table.get(fd)?.node.namespace ?? -errno.EBADF,
    sendFds(_, data) {
      machine.sent.push(Buffer.from(data!).toString());
      return data!.length;
    },
    recvFds(_, data) {
      const bytes = Buffer.from(machine.packets.shift() ?? '');
      data!.set(bytes);
      return bytes.length;
    },
    /** In the parent: a child that lives and is in no cgroup. */
    launch() {
      machine.addProcess(4242, '12345');
      return 4242;
    },
  };
}

export const processNatives = (machine: FakeMachine): Partial<Natives> => ({
  ...processes(machine),
  ...accepted,
  ...machineFacts(),
  ...sockets(machine),
});
