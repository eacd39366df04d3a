/** What the program logs through; pino satisfies it. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** True when debug records are written, so that costly ones can be left uncomputed. */
  readonly debugging: boolean;
}

export const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  debugging: false,
};
