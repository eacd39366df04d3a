import type { Finished } from '../../lib/call.js';
import type { Facts } from './case.js';

/** The status and what was written; what a pseudo-terminal adds is taken away. */
export const outcome = ({ status, stdout }: Finished): Facts => ({
  status: status ?? -1,
  output: plain(stdout),
});

/** The status and the error, as far as it comes from the runtime; `docker exec` tells it as output. */
export const failure = ({ status, stdout, stderr }: Finished): Facts => ({
  status: status ?? -1,
  said: runtimesWords(`${stderr}\n${stdout}`),
});

/** script(1) types an end of file, which the terminal may echo. */
const plain = (text: string): string =>
  text
    .replaceAll(/\r+\n/g, '\n')
    .replaceAll('\0', '')
    .replaceAll('^@', '')
    .replaceAll('^D\b\b', '');

const steps = /^.*container (?:process|init): /;

/** What follows the words that say at which step it was; every caller adds its own around them. */
export function runtimesWords(text: string): string {
  const lines = text.replaceAll('\\"', '"').split(/[\r\n]+/);
  const line = lines.find((each) => steps.test(each)) ?? lines.find((each) => each !== '') ?? '';
  return line
    .replace(steps, '')
    .replace(/: unknown\.?$/, '')
    .replace(/: OCI [^:]*$/, '')
    .replace(/"$/, '')
    .trim();
}
