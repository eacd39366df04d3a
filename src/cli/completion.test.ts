import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bashCompletion } from './completion.js';
import { rows } from './rows.js';

/** What bash offers for the last of the words. */
function offered(...words: string[]): string[] {
  const script = `
    shopt -s expand_aliases
    compopt() { :; }
    runts() { [[ "$*" == '--root /r list --quiet' ]] && echo r1 || printf '%s\\n' web1 web2; }
    ${bashCompletion()}
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _runts
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script, 'bash', 'runts', ...words], {
    encoding: 'utf8',
  });
  return output.split('\n').filter((line) => line !== '');
}

test('bash offers the commands first', () => {
  expect(offered('')).toEqual(Object.keys(rows));
  expect(offered('--debug', 'st')).toEqual(['start', 'state']);
});

test('bash offers the options of the command', () => {
  expect(offered('--log-f')).toEqual(['--log-format']);
  expect(offered('delete', '-')).toEqual(['--force', '-f', '--help', '-h']);
});

test('bash offers the values of an option', () => {
  expect(offered('--log-format', '')).toEqual(['text', 'json']);
  expect(offered('--log-format', '=', 'j')).toEqual(['json']);
  expect(offered('--log-format', '=')).toEqual(['text', 'json']);
  expect(offered('list', '-f', 't')).toEqual(['table']);
  expect(offered('create', '--bundle', '/et')).toEqual(['/etc']);
});

test('bash offers the containers that are there, of the root that is named', () => {
  expect(offered('state', '')).toEqual(['web1', 'web2']);
  expect(offered('--root', '/r', 'state', '')).toEqual(['r1']);
  expect(offered('--root', '=', '/r', 'delete', '--force', '')).toEqual(['r1']);
  expect(offered('create', '')).toEqual([]);
  expect(offered('state', 'web1', '')).toEqual([]);
});

test('bash offers signals for the second argument of kill', () => {
  expect(offered('kill', 'web1', 'SIGTE')).toEqual(['SIGTERM']);
  expect(offered('kill', '--all', 'web1', 'SIGKI')).toEqual(['SIGKILL']);
});
