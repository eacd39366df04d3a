import { statementsOf } from './statement.js';

export const bundle = statementsOf('bundle.md', {
  'Container Format': [
    ['MUST', '002fedc22019', ''],
    ['MUST', '5be56a4ee49a', ''],
  ],
});
