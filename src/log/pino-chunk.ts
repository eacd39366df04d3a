/**
 * The chunk `log`. pino's browser build serves both engines: it writes synchronously through the
 * function it is given, and needs no streams and no threads.
 */
import pino from 'pino/browser.js';
import { formatters, type LogRecord, rfc3339 } from './format.js';
import { type LoggerOptions, severity } from './lazy.js';
import type { Logger } from './logger.js';

interface PinoRecord extends Omit<LogRecord, 'level'> {
  readonly level: number;
}

export function makeLogger({ format, level, write, now }: LoggerOptions): Logger {
  const emit = (record: PinoRecord): void =>
    write(formatters[format]({ ...record, level: levelName(record.level) }));
  const debugging = level === 'debug';
  const fields = (msg: string) => ({ ...(debugging && caller()), msg, time: rfc3339(now()) });
  const logger = pino({
    level: level === 'warning' ? 'warn' : level,
    timestamp: false,
    browser: { write: (record) => emit(record as PinoRecord) },
  });
  return {
    debug: (message) => logger.debug(fields(message)),
    info: (message) => logger.info(fields(message)),
    warn: (message) => logger.warn(fields(message)),
    error: (message) => logger.error(fields(message)),
    debugging,
  };
}

/** pino's numbers are those of `severity`. */
const levelName = (number: number): string =>
  Object.entries(severity).find(([, value]) => value === number)?.[0] ?? 'error';

/** Frames of the logger itself: caller, fields, the method, the lazy logger's method. */
const ownFrames = 4;

/** Who logs, from the stack as either engine prints it; empty where its lines hold no place. */
function caller(): Pick<LogRecord, 'file' | 'func'> {
  const lines = (new Error().stack ?? '').split('\n').filter((line) => /^\s*at /.test(line));
  const frame = /^\s*at (?:(\S*).*? \()?([^()]*?:\d+)(?::\d+)?\)?$/.exec(lines[ownFrames] ?? '');
  return frame === null ? {} : { file: frame[2], func: frame[1] || '<anonymous>' };
}
