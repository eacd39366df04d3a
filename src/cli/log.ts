import { during } from '../errors/error.js';
import type { Engine } from '../host/engine.js';
import { createHost } from '../host/host.js';
import { openAt } from '../host/io.js';
import { AT_FDCWD, O_APPEND, O_CREAT, O_WRONLY } from '../linux/constants.js';
import { type LogChunk, lazyLogger } from '../log/lazy.js';
import { type Logger, silent } from '../log/logger.js';
import type { LogSettings } from './settings.js';
import { STDERR } from './streams.js';

/** Where records go, and a way to end with a failure. */
export interface Log {
  readonly logger: Logger;
  readonly fail: (text: string) => void;
}

export function openLog(engine: Engine, { path, format, level }: LogSettings): Log {
  const fd = path === undefined ? STDERR : openFile(engine, path);
  const write = (line: string): void => writeQuietly(engine, fd, line);
  const load = (): LogChunk => engine.chunk('log') as LogChunk;
  const logger = lazyLogger({ format, level, write, now: Date.now }, load);
  const fail = (text: string): void => {
    logger.error(text);
    // conmon and CRI-O read the standard error, go-runc the file.
    if (fd !== STDERR) writeQuietly(engine, STDERR, `${text}\n`);
  };
  return { logger, fail };
}

/** Stays open to the end: the container's init logs through it as well. */
function openFile(engine: Engine, path: string): number {
  const context = { host: createHost(engine), log: silent };
  const flags = O_WRONLY | O_CREAT | O_APPEND;
  return during('open the log file', () =>
    openAt(context, AT_FDCWD, path, flags, { mode: 0o644 }).release(),
  );
}

/** A log that cannot be written is no reason to fail, and there is nobody left to tell. */
function writeQuietly(engine: Engine, fd: number, text: string): void {
  for (let rest = engine.encode(text); rest.length > 0; ) {
    const written = engine.natives.write(fd, rest, rest.length);
    if (written <= 0) return;
    rest = rest.subarray(written);
  }
}
