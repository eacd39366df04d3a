import { statementsOf } from './statement.js';

export const spec = statementsOf('spec.md', {
  'Notational Conventions': [
    ['MUST', '194a3e4c53ee', ''],
    ['MUST', '744140af8210', ''],
  ],
});
