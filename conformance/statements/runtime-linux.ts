import { statementsOf } from './statement.js';

export const runtimeLinux = statementsOf('runtime-linux.md', {
  'Dev symbolic links': [
    [
      'MUST',
      'd485f0cceeab',
      'The standard streams have their links in /dev if what they lead to is there.',
    ],
  ],
});
