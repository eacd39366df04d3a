/** What a line for one device or interface says when it says nothing. */
const nothing: readonly (readonly [file: RegExp, line: (key: string, rest: string) => string])[] = [
  [/throttle/, (key) => `${key} 0`],
  [/weight/, (key) => `${key} default`],
  [/^/, (key, rest) => `${key} ${rest.replace(/=\S+/g, '=max')}`],
];

/** `8:0 rbps=5`: files that hold a line for each device take one line a write. */
const isKeyed = (key: string, rest: string): boolean =>
  rest !== '' && (/^\d+:\d+$/.test(key) || rest.includes('='));

/**
 * What has to be written to make a file of a cgroup say again what it said in `text`, once `value`
 * has been written to it; null when it says that already.
 */
export function previousValue(name: string, text: string, value: string): string | null {
  const whole = text.trim();
  if (whole === value) return null;
  if (name === 'memory.oom_control') return /oom_kill_disable (\d)/.exec(text)?.[1] ?? null;
  const [, key = '', rest = ''] = /^(\S*) ?(.*)$/.exec(value) ?? [];
  const lines = whole.split('\n');
  // `default 100` is the first line of a file of weights, which a lone number replaces.
  const same = lines.find((line) => line.startsWith(`${rest === '' ? 'default' : key} `));
  if (same !== undefined) return same === value ? null : same;
  if (isKeyed(key, rest)) return nothing.find(([file]) => file.test(name))![1](key, rest);
  return whole === '' ? '\n' : whole;
}
