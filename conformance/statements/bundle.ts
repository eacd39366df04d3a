import { statementsOf } from './statement.js';

export const bundle = statementsOf('bundle.md', {
  'Container Format': [
    [
      'MUST',
      '002fedc22019',
      "The configuration is the file config.json directly in the bundle's directory.",
    ],
    [
      'MUST',
      '5be56a4ee49a',
      'What makes up a bundle lies together in one directory, which itself (its name, its place) is no part of it.',
    ],
  ],
});
