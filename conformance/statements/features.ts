import { statementsOf } from './statement.js';

export const features = statementsOf('features.md', {
  'Features Structure': [
    ['SHOULD', '8011ec6e835e', ''],
    ['MUST NOT', 'e0716a96c708', ''],
  ],
  'Specification version': [
    ['MUST', '58d50d89ae8e', ''],
    ['MUST', '58d50d89ae8e', ''],
    ['MUST NOT', '6079c094f014', ''],
    ['MUST NOT', '48db7fb67439', ''],
  ],
  Hooks: [['MUST', 'fad2fcc46c0f', '']],
  'Mount Options': [
    ['MUST', '8cad43f2e3a7', ''],
    ['SHOULD NOT', '2fe23b22b84e', ''],
  ],
  Annotations: [['MUST', '0e4e08fec745', '']],
});
