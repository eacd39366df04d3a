import type { Natives } from '../linux/natives.js';
import { decodeBatch, textAt, vectorAt } from './decode-batch.js';

/** How a program ends; nothing said: well and silently. */
export interface FakeEnd {
  /** As wait(2) has it. */
  readonly status?: number;
  readonly timedOut?: boolean;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly failure?: string;
}

export interface FakePrograms {
  /** Path and input of all that was run. */
  readonly ran: (readonly [path: string, input: string])[];
  /** Path and arguments, as a line. */
  readonly lines: readonly string[];
  readonly environments: readonly (readonly string[])[];
  readonly natives: Pick<Natives, 'runProgram'>;
}

const ROOM = 8192;

function report({ status = 0, timedOut = false, ...end }: FakeEnd, bytes: Uint8Array): void {
  const texts = [end.stdout ?? '', end.stderr ?? '', end.failure ?? ''];
  const words = [status, Number(timedOut), ...texts.map((text) => Buffer.byteLength(text))];
  bytes.set(new Uint8Array(new Int32Array(words).buffer));
  for (const [i, text] of texts.entries())
    bytes.set(Buffer.from(text), 4 * words.length + i * ROOM);
}

/** Programs that end as told, by their paths. */
export function fakePrograms(ends: Readonly<Record<string, FakeEnd>> = {}): FakePrograms {
  const ran: (readonly [string, string])[] = [];
  const lines: string[] = [];
  const environments: string[][] = [];
  const runProgram: Natives['runProgram'] = (program, _length, input, _size, bytes) => {
    const [path, args = 0, env = 0] = decodeBatch(program!.slice())
      .at(-1)!
      .args.map((argument) => ('offset' in argument ? argument.offset : 0));
    const name = textAt(program!, path!);
    const copy = program!.slice();
    lines.push(`${name}: ${vectorAt(copy, args).join(' ')}`);
    environments.push(vectorAt(copy, env));
    ran.push([name, Buffer.from(input!).toString()]);
    report(ends[name] ?? {}, bytes!);
    return 0;
  };
  return { ran, lines, environments, natives: { runProgram } };
}
