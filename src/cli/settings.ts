import { badLogFormat, badValue, notSupported } from '../errors/catalog.js';
import type { Level, LogFormat } from '../log/lazy.js';
import type { RuntimeContext } from '../runtime/context.js';
import type { OptionValues } from './command.js';
import type { globalOptions } from './options.js';
import { parseBool } from './parse.js';

export type GlobalValues = OptionValues<(typeof globalOptions)[number]>;

export interface LogSettings {
  /** Undefined for the standard error. */
  readonly path: string | undefined;
  readonly format: LogFormat;
  readonly level: Level;
}

/**
 * Podman reads the log file as one JSON object, so without other wishes only the record of the
 * failure goes there.
 */
export function logSettings({ log, logFormat, logLevel, debug }: GlobalValues): LogSettings {
  const format = logFormat ?? 'text';
  if (format !== 'text' && format !== 'json') throw badLogFormat(format);
  const path = logPath(log);
  const level = debug === true ? 'debug' : (levelOf(logLevel) ?? (path ? 'error' : 'warning'));
  return { path, format, level };
}

/** crun takes `file:PATH` for PATH, and names of logging services, which we do not have. */
function logPath(log: string | undefined): string | undefined {
  const service = /^(journald|syslog):/.exec(log ?? '');
  if (service !== null) throw notSupported(`--log ${service[0]}`);
  return log?.replace(/^file:/, '') || undefined;
}

function levelOf(text: string | undefined): Level | undefined {
  if (text === undefined) return undefined;
  if (text === 'error' || text === 'warning' || text === 'info' || text === 'debug') return text;
  throw badValue('log-level', text, 'error, warning, info or debug');
}

const managers: readonly RuntimeContext['cgroupManager'][] = ['cgroupfs', 'systemd', 'disabled'];

export function cgroupManager({
  cgroupManager,
  systemdCgroup,
}: GlobalValues): RuntimeContext['cgroupManager'] {
  const named = managers.find((manager) => manager === cgroupManager);
  if (cgroupManager !== undefined && named === undefined)
    throw badValue('cgroup-manager', cgroupManager, 'cgroupfs, systemd or disabled');
  return systemdCgroup ? 'systemd' : (named ?? 'cgroupfs');
}

export function rootless(text: string | undefined): RuntimeContext['rootless'] {
  if (text === undefined || text === 'auto') return 'auto';
  return parseBool('rootless', text) ? 'true' : 'false';
}

/** `delete` may be called in another working directory. */
export function resctrlRoot(text: string | undefined): string | undefined {
  if (!text || text.startsWith('/')) return text || undefined;
  throw badValue('resctrl', text, 'an absolute path');
}
