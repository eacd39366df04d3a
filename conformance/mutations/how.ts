/** Ways to break a behaviour. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Config } from '../lib/config.js';
import type { Call } from './call.js';
import { changedText } from './config-text.js';
import type { Act, Change, How } from './mutation.js';

/* ---- The configuration ---- */

async function withConfig(call: Call, change: Change): Promise<number> {
  const before = readFileSync(call.configFile, 'latin1');
  const after = changedText(before, change);
  if (after === undefined) return call.pass();
  call.note('broken');
  writeFileSync(call.configFile, after, 'latin1');
  try {
    const status = await call.pass();
    if (status !== 0 && call.arguments.verb === 'create') call.note('refused');
    return status;
  } finally {
    writeFileSync(call.configFile, before, 'latin1');
  }
}

/** Creates with another configuration than the one in the bundle. */
export const configured = (change: Change): How => ({
  change,
  act: (call) =>
    ['create', 'run'].includes(call.arguments.verb) ? withConfig(call, change) : call.pass(),
});

type Part = Record<string, unknown>;

const isPart = (value: unknown): value is Part => typeof value === 'object' && value !== null;

/** All objects at `linux.devices[].uid` without its last name; `[]` is each element. */
function holders(config: Config, path: string): readonly [readonly Part[], string] {
  const names = path.replaceAll('[]', '.[]').split('.');
  const last = names.pop() ?? '';
  const inner = (parts: readonly Part[], name: string) =>
    parts.flatMap((part) => (name === '[]' ? Object.values(part) : [part[name]])).filter(isPart);
  return [names.reduce<readonly Part[]>(inner, [config as unknown as Part]), last];
}

function set(part: Part, name: string, value: unknown): void {
  if (value === undefined) delete part[name];
  else part[name] = value;
}

/** Changes what is there at a path. */
export const at =
  <T>(path: string, change: (value: T) => T | undefined): Change =>
  (config) => {
    const [parts, last] = holders(config, path);
    for (const part of parts) {
      const names = Object.keys(part).filter((name) => last === '[]' || last === name);
      for (const name of names) set(part, name, change(part[name] as T));
    }
  };

/** As if it were not there. */
export const ignored = (...paths: readonly string[]): How =>
  configured((config) => {
    for (const path of paths) at(path, () => undefined)(config);
  });

export const changed = <T>(path: string, change: (value: T) => T | undefined): How =>
  configured(at(path, change));

/** A list without some of what is in it. */
export const filtered = <T>(path: string, keep: (value: T) => boolean): How =>
  changed<readonly T[]>(path, (list) => (Array.isArray(list) ? list.filter(keep) : list));

/* ---- What is called ---- */

/** Only for one command. */
export const on = (verb: string, act: Act): How => ({
  act: (call) => (call.arguments.verb === verb ? act(call) : call.pass()),
});

/** As often as the command is called. */
export const always = (verb: string, act: Act): How =>
  on(verb, (call) => {
    call.note('broken');
    return act(call);
  });

/** The same command with other words after it. */
export const instead = (verb: string, words: (rest: readonly string[]) => readonly string[]): How =>
  on(verb, (call) => {
    const { globals, rest } = call.arguments;
    const other = words(rest);
    if (other.join('\0') !== rest.join('\0')) call.note('broken');
    return call.pass([...globals, verb, ...other]);
  });

/** Something more, when the command has worked. */
export const afterwards = (verb: string, act: (call: Call) => unknown): How =>
  always(verb, async (call) => {
    const status = await call.pass();
    if (status === 0) await act(call);
    return status;
  });

/** Another text on the standard output. */
export const says = (verb: string, change: (text: string) => string): How =>
  on(verb, async (call) => {
    const { status, stdout } = await call.run(call.words, { stdout: 'pipe' });
    const text = status === 0 ? change(stdout) : stdout;
    if (text !== stdout) call.note('broken');
    process.stdout.write(text);
    return status;
  });

/** Another text on the error output; only of what leaves no process behind that has it. */
export const complains = (verb: string, change: (text: string) => string): How =>
  on(verb, async (call) => {
    if (call.words.some((word) => /^(--detach|-d)$/.test(word))) return call.pass();
    const { status, stderr } = await call.run(call.words, { stderr: 'pipe' });
    const text = change(stderr);
    if (text !== stderr) call.note('broken');
    process.stderr.write(text);
    return status;
  });

/** Another object, in JSON. */
export const answers = (verb: string, change: (answer: Record<string, unknown>) => unknown): How =>
  says(verb, (text) => {
    const answer = JSON.parse(text);
    return `${JSON.stringify(change(answer) ?? answer, null, 2)}\n`;
  });

/** Success, when in truth it has failed. */
export const succeedsAnyhow = (verb: string): How =>
  on(verb, async (call) => {
    const status = await call.pass(call.words, { stderr: 'ignore' });
    if (status !== 0) call.note('broken');
    return 0;
  });
