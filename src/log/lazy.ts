import type { Logger } from './logger.js';

export type Level = 'debug' | 'info' | 'warning' | 'error';
export type LogFormat = 'text' | 'json';

export const severity: Readonly<Record<Level, number>> = {
  debug: 20,
  info: 30,
  warning: 40,
  error: 50,
};

export interface LoggerOptions {
  readonly format: LogFormat;
  readonly level: Level;
  /** Takes one record with its newline. */
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What the chunk `log` exports. */
export interface LogChunk {
  makeLogger(options: LoggerOptions): Logger;
}

/** Loads the real logger with the first record that is written: mostly there is none. */
export function lazyLogger(options: LoggerOptions, load: () => LogChunk): Logger {
  let loaded: Logger | undefined;
  const method = (name: 'debug' | 'info' | 'warn' | 'error', level: Level) => {
    if (severity[level] < severity[options.level]) return () => {};
    return (message: string) => {
      loaded ??= load().makeLogger(options);
      loaded[name](message);
    };
  };
  return {
    debug: method('debug', 'debug'),
    info: method('info', 'info'),
    warn: method('warn', 'warning'),
    error: method('error', 'error'),
    debugging: options.level === 'debug',
  };
}
