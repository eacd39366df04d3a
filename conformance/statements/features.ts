import { statementsOf } from './statement.js';

export const features = statementsOf('features.md', {
  'Features Structure': [
    [
      'SHOULD',
      '8011ec6e835e',
      'What the features say is settled when the runtime is compiled, not by the machine that it runs on.',
    ],
    [
      'MUST NOT',
      'e0716a96c708',
      'A reader takes null for unknown, not for something empty, zero or false.',
      'It binds those who read the features: what a runtime prints does not show how it would read null.',
    ],
  ],
  'Specification version': [
    [
      'MUST',
      '58d50d89ae8e',
      'The lowest version of the features is accepted as ociVersion of a configuration.',
    ],
    [
      'MUST',
      '58d50d89ae8e',
      'The highest version of the features is accepted as ociVersion of a configuration.',
    ],
    ['MUST NOT', '6079c094f014', 'The highest version is not below the lowest.'],
    [
      'MUST NOT',
      '48db7fb67439',
      'The features have no properties that the specification does not define.',
    ],
  ],
  Hooks: [['MUST', 'fad2fcc46c0f', 'Every kind of hooks that the features list works.']],
  'Mount Options': [
    ['MUST', '8cad43f2e3a7', 'Every mount option that the features list is recognised.'],
    [
      'SHOULD NOT',
      '2fe23b22b84e',
      'The features list no mount options that only a file system understands.',
    ],
  ],
  Annotations: [
    [
      'MUST',
      '0e4e08fec745',
      'Annotations of the features are texts under non-empty names, as in a configuration.',
    ],
  ],
});
