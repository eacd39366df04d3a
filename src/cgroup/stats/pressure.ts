import { integer } from './numbers.js';
import type { Source } from './source.js';

interface Share {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly total: bigint;
}

/** Time in which some of the tasks, or all of them, had to wait: psi.rst. */
export interface Pressure {
  readonly some: Share;
  readonly full: Share;
}

function share(text: string, name: string): Share {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `)) ?? '';
  const of = (key: string) => new RegExp(`\\b${key}=([\\d.]+)`).exec(line)?.[1] ?? '0';
  return {
    avg10: Number(of('avg10')),
    avg60: Number(of('avg60')),
    avg300: Number(of('avg300')),
    total: integer(of('total')),
  };
}

/** v2 alone has it for each cgroup. */
export function pressure(
  source: Source,
  controller: 'cpu' | 'memory' | 'io',
): Pressure | undefined {
  const text = source.unified ? source.text(controller, `${controller}.pressure`) : '';
  return text === '' ? undefined : { some: share(text, 'some'), full: share(text, 'full') };
}
