import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Box } from '../conformance/lib/box.js';
import type { Config } from '../conformance/lib/config.js';
import { staticEngine } from '../conformance/lib/engines.js';
import { describeAsRoot } from './testing/as-root.js';

const inProject = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const library = inProject('dist/node/library.js');

let box: Box;

beforeEach(() => {
  box = new Box(staticEngine);
});

afterEach(() => box.close());

const shell = (script: string) => (config: Config) => {
  config.process.args = ['sh', '-c', script];
};

/** Runs a program that uses the library as anybody would; answers what it printed as JSON. */
function program(body: string): unknown {
  const file = join(box.folder, 'program.mjs');
  const start = `import { openRuntime, renderError, RuntimeError } from ${JSON.stringify(library)};
const runtime = openRuntime({ root: ${JSON.stringify(box.root)} });
const say = (value) => console.log(JSON.stringify(value));
`;
  writeFileSync(file, start + body);
  const options = { cwd: box.folder, encoding: 'utf8', timeout: 50_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], options);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describeAsRoot('a Node program', () => {
  it('creates, starts, waits for and deletes a container', () => {
    const { id, bundle } = box.container(shell('exit 7'));
    const seen = program(`
const pid = runtime.create({ id: '${id}', bundle: '${bundle}' });
const created = runtime.state('${id}');
runtime.start('${id}');
const ended = await runtime.wait('${id}');
const stopped = runtime.state('${id}').status;
const listed = runtime.list().map(({ id, owner }) => [id, owner]);
runtime.delete('${id}');
say({ same: created.pid === pid, status: created.status, ended, stopped, listed, left: runtime.list() });
`);
    expect(seen).toEqual({
      same: true,
      status: 'created',
      ended: { exitCode: 7 },
      stopped: 'stopped',
      listed: [[id, 'root']],
      left: [],
    });
  });

  it('goes on with other things while it waits', () => {
    const [first, second] = [box.container(shell('sleep 600')), box.container(shell('exit 3'))];
    const seen = program(`
const ids = ['${first.id}', '${second.id}'];
runtime.create({ id: ids[0], bundle: '${first.bundle}' });
runtime.create({ id: ids[1], bundle: '${second.bundle}' });
for (const id of ids) runtime.start(id);
const waits = ids.map((id) => runtime.wait(id));
const second = await waits[1];
runtime.kill(ids[0], 'TERM');
runtime.kill(ids[0], 9);
const first = await waits[0];
for (const id of ids) runtime.delete(id);
say([first, second]);
`);
    expect(seen).toEqual([{ exitCode: 137 }, { exitCode: 3 }]);
  });

  it('leaves no descriptors, processes or threads of its own behind', () => {
    const { id, bundle } = box.container(shell('exit 0'));
    const seen = program(`
import { readdirSync } from 'node:fs';
const once = async () => {
  runtime.create({ id: '${id}', bundle: '${bundle}' });
  runtime.start('${id}');
  await runtime.wait('${id}');
  runtime.delete('${id}');
};
const open = () => readdirSync('/proc/self/fd').length;
await once();
const before = open();
for (let i = 0; i < 5; i++) await once();
say(open() - before);
`);
    expect(seen).toBe(0);
  });

  it('takes relative paths from its working directory', () => {
    const container = box.container(shell('exit 0'));
    const seen = program(`
import { readFileSync } from 'node:fs';
const pid = runtime.create({ id: '${container.id}', bundle: '${container.id}', pidFile: 'the-pid' });
say(readFileSync('the-pid', 'utf8') === String(pid));
runtime.delete('${container.id}', { force: true });
`);
    expect(seen).toBe(true);
  });

  it('gets errors that it can tell apart, and a failed create leaves nothing', async () => {
    const { id, bundle } = box.container((config) => {
      config.process.args = ['/no-such-program'];
    });
    const seen = program(`
const errorOf = (act) => {
  try {
    act();
  } catch (error) {
    return [error instanceof RuntimeError, error.code, renderError(error).includes('no such file')];
  }
};
say([
  errorOf(() => runtime.create({ id: '${id}', bundle: '${bundle}' })),
  errorOf(() => runtime.state('${id}')),
  errorOf(() => runtime.kill('${id}', 'WORD')),
  runtime.list(),
]);
`);
    expect(seen).toEqual([
      [true, 'command-not-found', true],
      [true, 'not-found', false],
      [true, 'not-found', false],
      [],
    ]);
    await box.expectNothingLeft();
  });

  it('may wait for what another program has started, and learns no exit code', async () => {
    const container = box.container(shell('exit 5'));
    await container.created();
    const seen = program(`
const waiting = runtime.wait('${container.id}');
runtime.start('${container.id}');
say(await waiting);
runtime.delete('${container.id}');
`);
    expect(seen).toEqual({ exitCode: null });
  });

  it('logs nothing when all goes well', () => {
    const { id, bundle } = box.container(shell('exit 0'));
    const seen = program(`
const lines = [];
const note = (line) => void lines.push(line);
const log = { debug: note, info: note, warn: note, error: note, debugging: false };
const other = openRuntime({ root: '${box.root}', log });
other.create({ id: '${id}', bundle: '${bundle}' });
other.delete('${id}', { force: true });
say(lines);
`);
    expect(seen).toEqual([]);
  });
});

const sample = `
import { type ContainerState, type Ended, openRuntime, RuntimeError, type Spec } from 'runts';

const runtime = openRuntime({ root: '/run/x' });
const pid: number = runtime.create({ id: 'a', bundle: '/b', pidFile: '/p', preserveFds: 1 });
runtime.start('a');
const ended: Promise<Ended> = runtime.wait('a');
runtime.kill('a', 'TERM', { all: true });
runtime.kill('a', 9);
const state: ContainerState = runtime.state('a');
const ids: readonly string[] = runtime.list().map(({ id }) => id);
runtime.delete('a', { force: true });
const spec: Spec = { ociVersion: '1.2.0', process: { cwd: '/', args: ['sh'] } };
const code = (error: unknown) => (error instanceof RuntimeError ? error.code : null);
export { code, ended, ids, pid, spec, state };

// @ts-expect-error: a bundle is needed
runtime.create({ id: 'a' });
// @ts-expect-error: an id is a text
runtime.start(1);
// @ts-expect-error: there is no such status
export const odd: ContainerState['status'] = 'sleeping';
// @ts-expect-error: args is a list
export const wrong: Spec = { ociVersion: '1.2.0', process: { cwd: '/', args: 'sh' } };
`;

describe('the types of the library', () => {
  it('tell what it takes and gives, in a program of another’s settings', () => {
    const types = inProject('dist/node/types');
    expect(existsSync(join(types, 'library.d.ts'))).toBe(true);
    const options = {
      compilerOptions: {
        target: 'ES2022',
        module: 'NodeNext',
        strict: true,
        noEmit: true,
        types: [],
        paths: { runts: [join(types, 'library.d.ts')] },
      },
      files: ['sample.ts'],
    };
    writeFileSync(join(box.folder, 'sample.ts'), sample);
    writeFileSync(join(box.folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(box.folder, 'tsconfig.json'), JSON.stringify(options));
    const tsc = inProject('node_modules/.bin/tsc');
    const { stdout } = spawnSync(tsc, ['-p', box.folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  it('are where package.json says', () => {
    const { exports } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
    for (const path of Object.values(exports['.']) as string[])
      expect(existsSync(inProject(path)), path).toBe(true);
    expect(readdirSync(inProject('dist/node'))).toContain('natives.so');
  });
});
