import { statementsOf } from './statement.js';

export const spec = statementsOf('spec.md', {
  'Notational Conventions': [
    [
      'MUST',
      '194a3e4c53ee',
      'A runtime that misses any absolute requirement of its platforms does not comply.',
      'It defines what the results of this suite mean, which is for their reader to say.',
    ],
    [
      'MUST',
      '744140af8210',
      'A runtime that meets all absolute requirements of its platforms complies.',
      'It defines what the results of this suite mean, which is for their reader to say.',
    ],
  ],
});
