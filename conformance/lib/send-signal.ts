/**
 * Sends a signal to one process. A pid that was read too early is 0, which kill(2) takes for the
 * whole process group of the caller, and -1 for everybody.
 */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  if (!Number.isSafeInteger(pid) || pid <= 1)
    throw new Error(`no process to send ${name} to: ${pid}`);
  process.kill(pid, name);
}
