import { describe, expect, test } from 'vitest';
import { changedText } from './config-text.js';

const rename = (config: { hostname?: string }) => {
  config.hostname = 'other';
};

describe('A changed configuration', () => {
  test('keeps every digit of what is not changed', () => {
    const text = '{"big":18446744073709551615,"list":[-9223372036854775808,1],"hostname":"one"}';
    expect(changedText(text, rename)).toBe(text.replace('one', 'other'));
  });

  test('keeps bytes that are no characters', () => {
    const text = Buffer.from('{"env":"\xff\xc3","hostname":"one"}', 'latin1').toString('latin1');
    expect(changedText(text, rename)).toBe(text.replace('one', 'other'));
  });

  test('is none if nothing has changed', () => {
    expect(changedText('{"hostname": "other"}', rename)).toBeUndefined();
  });
});
