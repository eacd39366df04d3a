import { describe, expect, test } from 'vitest';
import { parseArguments } from './arguments.js';

const parsed = (text: string) => parseArguments(text.split(' '));

describe('The wrapper understands', () => {
  test('what stands before the command and after it', () => {
    expect(parsed('--root /r --debug --log=/l create --bundle /b --pid-file /p id')).toMatchObject({
      globals: ['--root', '/r', '--debug', '--log=/l'],
      verb: 'create',
      rest: ['--bundle', '/b', '--pid-file', '/p', 'id'],
      operands: ['id'],
    });
  });

  test('values of options in all their forms', () => {
    const { option } = parsed('--root /r --log=/l create -b /b id');
    expect([option('root'), option('log'), option('bundle', 'b')]).toEqual(['/r', '/l', '/b']);
    expect(option('pid-file')).toBeUndefined();
  });

  test('that words after the id of exec and kill are no options', () => {
    expect(parsed('exec --cwd / id ls -l').operands).toEqual(['id', 'ls', '-l']);
    expect(parsed('kill id -9').operands).toEqual(['id', '-9']);
    expect(parsed('delete id --force').operands).toEqual(['id']);
  });

  test('that there may be no command', () => {
    expect(parsed('--version')).toMatchObject({ verb: '', operands: [] });
  });
});
