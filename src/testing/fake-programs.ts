import type { Natives } from '../linux/natives.js';
import { decodeBatch, textAt } from './decode-batch.js';

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
  const runProgram: Natives['runProgram'] = (program, _length, input, _size, bytes) => {
    const [path] = decodeBatch(program!.slice()).at(-1)!.args;
    const name = path?.is === 'pointer' ? textAt(program!, path.offset) : '';
    ran.push([name, Buffer.from(input!).toString()]);
    report(ends[name] ?? {}, bytes!);
    return 0;
  };
  return { ran, natives: { runProgram } };
}
