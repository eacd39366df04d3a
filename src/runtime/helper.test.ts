import { describe, expect, it, test } from 'vitest';
import { asRuntimeError, type RuntimeError } from '../errors/error.js';
import { SIGKILL } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { type FakeEnd, type FakePrograms, fakePrograms } from '../testing/fake-programs.js';
import { directoryNode, makeNode } from '../testing/fake-tree.js';
import { runHelper } from './helper.js';

const program = makeNode({ mode: 0o100755 });
const advice = { missing: 'install it', failed: 'ask somebody else' };

interface Run extends FakePrograms {
  readonly error: RuntimeError | undefined;
}

/** The one in /usr/bin ends like this. */
function run(setup: FakeHostSetup, end: FakeEnd = {}): Run {
  const programs = fakePrograms({ '/usr/bin/helper': end });
  const { context } = fakeHost({ natives: programs.natives, ...setup });
  try {
    runHelper(context, 'helper', ['1', 'b'], advice);
    return { ...programs, error: undefined };
  } catch (thrown) {
    return { ...programs, error: asRuntimeError(thrown) };
  }
}

describe('a helper', () => {
  const everywhere = {
    '/opt/helper': program,
    '/usr/bin/helper': program,
    '/sbin/helper': program,
  };

  it.each([
    ['the first directory of $PATH that has it', ['PATH=/none:/opt:/usr/bin'], '/opt/helper'],
    ['where such programs are, without $PATH', [], '/usr/bin/helper'],
    ['where such programs are, with an empty $PATH', ['PATH='], '/usr/bin/helper'],
  ])('is found in %s', (_, environment, path) => {
    const { lines, environments, error } = run({ files: everywhere, environment });
    expect(error).toBeUndefined();
    expect(lines).toEqual([`${path}: helper 1 b`]);
    expect(environments).toEqual([environment]);
  });

  it('is not looked for in the working directory', () => {
    const files = { '/work/helper': program, '/usr/bin/helper': program };
    const { lines } = run({ files, environment: ['PATH=.:work::/usr/bin'] });
    expect(lines).toEqual(['/usr/bin/helper: helper 1 b']);
  });

  it.each([
    ['is not there', {}],
    ['may not be executed', { '/opt/helper': makeNode({ mode: 0o100644 }) }],
  ])('that %s is missing', (_, files) => {
    const { error, lines } = run({ files, environment: ['PATH=/opt'] });
    expect(error).toMatchObject({
      code: 'host',
      message: 'the program helper is not in $PATH',
      hint: 'install it',
    });
    expect(lines).toEqual([]);
  });

  it.each([
    ['what it says', 1 << 8, 'no\nnever\n', 'no; never'],
    ['its status, when it says nothing', 3 << 8, '', 'exit status 3'],
    ['the signal that ended it', SIGKILL, '', 'killed by SIGKILL'],
  ])('that fails is told with %s', (_, status, stderr, said) => {
    expect(run({ files: everywhere }, { status, stderr }).error).toMatchObject({
      code: 'host',
      message: `helper 1 b: ${said}`,
      hint: 'ask somebody else',
    });
  });

  it('may say what it likes when it succeeds', () => {
    expect(run({ files: everywhere }, { stderr: 'a warning' }).error).toBeUndefined();
  });
});

test('a machine that can run no program says so', () => {
  const files = { '/usr': directoryNode(), '/usr/bin/helper': program };
  const { error } = run({ files, natives: { runProgram: () => -errno.EAGAIN } });
  expect(error).toMatchObject({ code: 'syscall', call: { errno: errno.EAGAIN } });
});
