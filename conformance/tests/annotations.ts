import { deepEqual, equal } from 'node:assert/strict';
import type { Config } from '../lib/config.js';
import { subject } from '../runner/test.js';

const give = (value: unknown) => (config: Config) => {
  Object.assign(config, { annotations: value });
};

const wrong: readonly (readonly [slug: string, id: number, title: string, value: unknown])[] = [
  ['list', 1, 'Annotations that are a list', ['com.example.key=value']],
  ['text', 1, 'Annotations that are a text', 'com.example.key=value'],
  ['empty-key', 3, 'An annotation with an empty key', { '': 'value' }],
  ['number', 25, 'An annotation whose value is a number', { 'com.example.key': 5 }],
  ['boolean', 25, 'An annotation whose value is true', { 'com.example.key': true }],
  ['null', 25, 'An annotation whose value is null', { 'com.example.key': null }],
  ['list-of-values', 25, 'An annotation whose value is a list', { 'com.example.key': ['a'] }],
  ['object', 25, 'An annotation whose value is an object', { 'com.example.key': { a: 'b' } }],
];

const unknown: readonly (readonly [slug: string, title: string, value: object | undefined])[] = [
  ['none', 'A container needs no annotations', undefined],
  ['no-keys', 'Annotations may be an empty map', {}],
  ['unknown', 'Annotations that nobody knows harm nothing', { 'com.example.key': 'value' }],
  ['reserved', 'Reserved ones that nobody knows do not either', { 'org.opencontainers.x.y': 'z' }],
  ['odd-key', 'Their keys may be of any form', { 'no domain/at all': 'value', é: 'ü' }],
  ['empty-value', 'Their values may be empty', { 'com.example.empty': '' }],
];

export const annotationTests = subject('annotations', (test) => {
  for (const [slug, id, title, value] of wrong)
    test(
      slug,
      `${title}: create fails`,
      { proves: [`config/annotations/${id}`, 'config/valid-values/1'] },
      async (trial) => {
        await trial.refused(give(value));
      },
    );

  for (const [slug, title, value] of unknown)
    test(slug, title, { proves: ['config/annotations/24'] }, async (trial) => {
      const container = trial.container((config) => {
        config.process.args = ['/probe', 'wait'];
        if (value) give(value)(config);
      });
      await container.started();
      const { annotations = {}, status } = await container.query();
      equal(status, 'running');
      const known = Object.entries(annotations).filter(([key]) => value && key in value);
      deepEqual(Object.fromEntries(known), value ?? {});
      await container.kill('KILL');
      await container.ended();
    });
});
