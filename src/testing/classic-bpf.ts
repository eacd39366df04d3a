/** What the kernel does with a filter of system calls, as far as our filters go: seccomp(2). */
const ACCUMULATE = 0x20;
const RETURN = 0x06;
const jumps: Readonly<Record<number, (a: number, k: number) => boolean>> = {
  5: () => true,
  21: (a, k) => a === k,
  37: (a, k) => a > k,
  53: (a, k) => a >= k,
};

/** What a program answers, or `null` when it comes to its end. */
export function runFilter(program: Uint8Array, architecture: number, call: number): number | null {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data: Readonly<Record<number, number>> = { 0: call, 4: architecture };
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const code = view.getUint16(at, true);
    const value = view.getUint32(at + 4, true);
    if (code === RETURN) return value;
    if (code === ACCUMULATE) accumulator = data[value]!;
    else {
      const test = jumps[code];
      if (test === undefined) throw new Error(`instruction ${code} is not known here`);
      const taken = test(accumulator, value);
      at += 8 * (code === 5 ? value : view.getUint8(at + (taken ? 2 : 3)));
    }
  }
  return null;
}
