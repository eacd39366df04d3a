/**
 * The chunk `log`. pino's browser build serves both engines: it writes synchronously through the
 * function it is given, and needs no streams and no threads.
 */
import pino from 'pino/browser.js';
import { callerNow } from './caller.js';
import { formatters, type LogRecord, rfc3339 } from './format.js';
import { type LoggerOptions, severity } from './lazy.js';
import type { Logger } from './logger.js';

interface PinoRecord extends Omit<LogRecord, 'level'> {
  readonly level: number;
}

export function makeLogger({ format, level, write, now }: LoggerOptions): Logger {
  const emit = (record: PinoRecord): void =>
    write(formatters[format]({ ...record, level: levelName(record.level) }));
  const fields = (msg: string) => ({
    msg,
    time: rfc3339(now()),
    ...(level === 'debug' && callerNow()),
  });
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
    debugging: level === 'debug',
  };
}

/** pino's numbers are those of `severity`. */
const levelName = (number: number): string =>
  Object.entries(severity).find(([, value]) => value === number)?.[0] ?? 'error';
