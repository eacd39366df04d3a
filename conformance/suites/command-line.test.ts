import { chmodSync, chownSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { suite } from '../lib/suite.js';

const verbs = ['create', 'start', 'run', 'state', 'kill', 'delete', 'list', 'spec', 'features'];

/** What each wrong command line is answered with; the text is the end of the record. */
const complaints: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [['state', 'a', 'b'], /: \\"state\\" requires exactly 1 argument\(s\)"$/],
  [['kill'], /: \\"kill\\" requires a minimum of 1 argument\(s\)"$/],
  [['kill', 'a', 'b', 'c'], /: \\"kill\\" requires a maximum of 2 argument\(s\)"$/],
  [['list', 'a'], /: \\"list\\" requires exactly 0 argument\(s\)"$/],
  [['state', '--bogus', 'a'], /"flag provided but not defined: -bogus"$/],
  [['create', '--bundle'], /"flag needs an argument: --bundle"$/],
  [['--root', '/', 'list'], /"Option --root argument should not be set to \/"$/],
  [['--root', '/../.', 'list'], /"Option --root argument should not be set to \/"$/],
  [['--log-format', 'xml', 'list'], /"invalid log-format: xml"$/],
  [['--rootless=perhaps', 'list'], /perhaps/],
  [['state', ''], /"container id cannot be empty"$/],
  [['state', '..'], /invalid container ID format/],
  [['state', 'a/b'], /invalid container ID format/],
  [['list', '--format', 'xml'], /invalid format option/],
];

suite('command line', ({ it, engine }) => {
  it('answers --version with lines that other programs look for', async (box) => {
    const { status, stdout, stderr } = await box.bare(['--version']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\w+ version \d+\.\d+\.\d+\S*\ncommit: \S+\nspec: \d+\.\d+\.\d+\n/);
    expect(await box.bare(['-v'])).toMatchObject({ status: 0, stdout });
  });

  it('lists every command in its help, which goes to the standard output', async (box) => {
    const { status, stdout, stderr } = await box.bare(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^NAME:\n/);
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^ +\\S+ ${verb} - `, 'm'));
  });

  it('shows help when it is given no command', async (box) => {
    const { stdout } = await box.bare(['--help']);
    expect(await box.bare([])).toMatchObject({ status: 0, stdout, stderr: '' });
  });

  it('shows the help of a command, wherever the flag stands', async (box) => {
    for (const args of [
      ['create', '--help'],
      ['create', '-h'],
      ['delete', 'x', '--help'],
    ]) {
      const { status, stdout, stderr } = await box.bare(args);
      expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^NAME:\n +\\S+ ${args[0]} - `));
    }
  });

  it('ends with status 3 for a command that it does not have', async (box) => {
    const { status, stdout, stderr } = await box.bare(['froodle']);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(/level=error msg="No help topic for 'froodle'/);
  });

  it('answers a wrong number of arguments with its own name, and help', async (box) => {
    const { status, stdout, stderr } = await box.bare(['create']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Incorrect Usage\.\n\n/);
    const named = `${basename(engine.command.at(-1)!)}: \\"create\\" requires exactly 1 argument(s)`;
    expect(stderr).toContain(named);
  });

  it('ends with status 1 and says what is wrong with a command line', async (box) => {
    for (const [args, message] of engine.quick ? complaints : complaints.slice(0, 4)) {
      const { status, stderr } = await box.bare(args);
      expect({ args, status }).toEqual({ args, status: 1 });
      expect(stderr.trimEnd()).toMatch(message);
    }
  });

  it('takes long options with one dash, values after = and options after arguments', async (box) => {
    const id = await created(box);
    const root = `-root=${box.root}`;
    expect(await box.bare([root, 'state', id])).toMatchObject({ status: 0 });
    expect(await box.bare(['state', id, '--root', box.root])).toMatchObject({ status: 0 });
    expect(await box.bare([root, 'delete', id, '-force=true'])).toMatchObject({ status: 0 });
    expect(box.leftovers()).toEqual([]);
  });

  it('takes --force=false for what it says', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    await container.started();
    expect(await container.delete('--force=false')).toMatchObject({ status: 1 });
    expect(await container.status()).toBe('running');
  });

  it('keeps the state under an absolute path of a relative --root', async (box) => {
    const container = box.container();
    const args = ['--root', 'here/./state', ...container.words('create')];
    expect(await box.bare(args, { cwd: box.folder })).toMatchObject({ status: 0 });
    const listed = await box.bare(['--root', `${box.folder}/here/state`, 'list', '-q']);
    expect(listed.stdout).toBe(`${container.id}\n`);
    const gone = await box.bare(['--root', `${box.folder}/here/state`, 'delete', container.id]);
    expect(gone).toMatchObject({ status: 0, stderr: '' });
  });

  it('serves other users than root too, from a state root of their own', async (box) => {
    const home = box.folderFor('home');
    chownSync(home, 65534, 65534);
    chmodSync(box.folder, 0o755);
    const env = { XDG_RUNTIME_DIR: home };
    const asNobody = { uid: 65534, gid: 65534, env };
    const { status, stdout, stderr } = await box.bare(['list'], asNobody);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^ID +PID/);
    // The sticky bit keeps cleaners of temporary files away.
    const [root = ''] = readdirSync(home);
    expect(statSync(join(home, root)).mode & 0o7777).toBe(0o1700);
    const nowhere = await box.bare(['state', 'nobody'], { uid: 65534, gid: 65534 });
    expect(nowhere.status).toBe(1);
    expect(nowhere.stderr).not.toMatch(/TypeError|bug/);
  });
});

async function created(box: Box): Promise<string> {
  const container = box.container();
  await container.created();
  return container.id;
}
