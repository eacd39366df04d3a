import type { Change } from './mutation.js';

/** More digits than a number of JavaScript holds exactly. */
const big = /([[:,]\s*)(-?\d{16,})(?=\s*[\],}])/g;
const kept = /"#(-?\d+)#"/g;

/** The text of a configuration after a change, with every digit of big integers; undefined if it is the same. */
export function changedText(text: string, change: Change): string | undefined {
  try {
    const config = JSON.parse(text.replace(big, '$1"#$2#"'));
    const before = JSON.stringify(config);
    change(config);
    const after = JSON.stringify(config);
    return after === before ? undefined : after.replace(kept, '$1');
  } catch {
    // A configuration so wrong that the change finds nothing in it.
    return undefined;
  }
}
