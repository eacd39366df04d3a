import { expect, test } from 'vitest';
import { formatters, goQuote } from './format.js';
import { type LoggerOptions, lazyLogger } from './lazy.js';
import { makeLogger } from './pino-chunk.js';

const time = Date.parse('2026-11-22T05:43:31.999Z');

/** What a logger writes for one record of each level. */
function written(options: Pick<LoggerOptions, 'format' | 'level'>, message = 'a message') {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const logger = lazyLogger({ ...options, write, now: () => time }, () => ({ makeLogger }));
  logger.debug(message);
  logger.info(message);
  logger.warn(message);
  logger.error(message);
  return { lines, logger };
}

test('a record as JSON has its keys in alphabetical order', () => {
  expect(written({ format: 'json', level: 'error' }).lines).toEqual([
    '{"level":"error","msg":"a message","time":"2026-11-22T05:43:31Z"}\n',
  ]);
});

test('a record as text is one line of keys and values', () => {
  expect(written({ format: 'text', level: 'error' }).lines).toEqual([
    'time="2026-11-22T05:43:31Z" level=error msg="a message"\n',
  ]);
});

test('levels below the chosen one are not written', () => {
  const levels = (level: LoggerOptions['level']) =>
    written({ format: 'json', level }).lines.map((line) => JSON.parse(line).level);
  expect(levels('debug')).toEqual(['debug', 'info', 'warning', 'error']);
  expect(levels('info')).toEqual(['info', 'warning', 'error']);
  expect(levels('warning')).toEqual(['warning', 'error']);
  expect(levels('error')).toEqual(['error']);
});

test('the real logger is loaded once, with the first record that is written', () => {
  const write = () => {};
  let loads = 0;
  const logger = lazyLogger({ format: 'text', level: 'error', write, now: Date.now }, () => {
    loads++;
    return { makeLogger };
  });
  logger.warn('not written');
  expect(loads).toBe(0);
  logger.error('first');
  logger.error('second');
  expect(loads).toBe(1);
  expect(logger.debugging).toBe(false);
});

test('a logger says whether debug records are written', () => {
  expect(written({ format: 'json', level: 'debug' }).logger.debugging).toBe(true);
  const options = { format: 'json', level: 'debug', write: () => {}, now: Date.now } as const;
  expect(makeLogger(options).debugging).toBe(true);
});

test('a message is one line whatever it holds', () => {
  const { lines } = written({ format: 'text', level: 'error' }, 'a "b" \\ c\n\u001b[0m é \u200b');
  expect(lines).toEqual([
    'time="2026-11-22T05:43:31Z" level=error msg="a \\"b\\" \\\\ c\\n\\x1b[0m é \\u200b"\n',
  ]);
  expect(written({ format: 'json', level: 'error' }, 'a\nb').lines[0]).toContain('a\\nb');
});

test('a message is not taken for a format', () => {
  expect(written({ format: 'text', level: 'error' }, '100% %s %d').lines[0]).toContain(
    'msg="100% %s %d"',
  );
});

test.each([
  ['', '""'],
  ['\u0007\b\t\n\v\f\r', '"\\a\\b\\t\\n\\v\\f\\r"'],
  ['\0\u007f', '"\\x00\\x7f"'],
  ['\u00a0\u2028', '"\\u00a0\\u2028"'],
  ['😀 ü 漢', '"😀 ü 漢"'],
  ['\u{e0001}', '"\\U000e0001"'],
  ['\udcff', '"\\xff"'],
])('%j is quoted as Go quotes it', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted);
});

test.each(['word', 'a-b.c_d/e@f^g+h', ''])('the word "%s" stands without quotes', (word) => {
  expect(formatters.text({ level: 'info', msg: word, time: 't' })).toBe(
    `time=t level=info msg=${word}\n`,
  );
});
