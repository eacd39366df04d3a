import { expect, test } from 'vitest';
import { parseRollup } from './memory.js';

test('clean and dirty private pages are both private', () => {
  const text = `00400000-7ffd2e5f8000 ---p 00000000 00:00 0    [rollup]
Rss:                1748 kB
Pss:                 901 kB
Pss_Dirty:           600 kB
Shared_Clean:       1080 kB
Private_Clean:        16 kB
Private_Dirty:       652 kB
`;
  expect(parseRollup(text)).toEqual({ resident: 1748, proportional: 901, private: 668 });
});
