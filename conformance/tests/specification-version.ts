import { equal } from 'node:assert/strict';
import { subject } from '../runner/test.js';

const fine = ['1.0.0', '1.0.2-dev', '1.0.1-rc.1+build.5'];

/** SemVer 2.0.0: sections 2, 9 and 10. */
const malformed: readonly (readonly [slug: string, version: string, what: string])[] = [
  ['empty', '', 'that is empty'],
  ['word', 'one', 'that is a word'],
  ['two-numbers', '1.0', 'of two numbers'],
  ['four-numbers', '1.0.0.0', 'of four numbers'],
  ['letter', 'v1.0.0', 'with a letter before it'],
  ['zero-before', '1.02.0', 'with a number that starts with a zero'],
  ['suffix-zero', '1.0.0-01', 'with a number in its suffix that starts with a zero'],
  ['suffix-dots', '1.0.0-a..b', 'with an empty part in its suffix'],
  ['empty-suffix', '1.0.0-', 'with nothing after its hyphen'],
];

export const specificationVersionTests = subject('specification-version', (test) => {
  for (const [slug, version, what] of malformed)
    test(
      slug,
      `A version ${what} is refused`,
      { proves: ['config/specification-version/1', 'config/valid-values/1'] },
      async (trial) => {
        await trial.refused((config) => {
          config.ociVersion = version;
        });
      },
    );

  test(
    'missing',
    'A configuration without version is refused',
    { proves: ['config/specification-version/1'] },
    async (trial) => {
      await trial.refused((config) => {
        Reflect.deleteProperty(config, 'ociVersion');
      });
    },
  );

  test(
    'newer-major',
    'A version with which no configuration of today is compatible is refused',
    { proves: ['config/valid-values/1'] },
    async (trial) => {
      await trial.refused((config) => {
        config.ociVersion = '99.0.0';
      });
    },
  );

  test(
    'accepted',
    'Versions of the form of SemVer are taken, with suffixes and without',
    { proves: ['config/specification-version/1'] },
    async (trial) => {
      for (const version of fine) {
        const { hostname } = await trial.look((config) => {
          config.ociVersion = version;
        });
        equal(hostname, 'inside', version);
      }
    },
  );
});
