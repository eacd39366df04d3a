import { setTimeout } from 'node:timers/promises';

/** Milliseconds; PATIENCE is for slower machines. */
export let patience = Number(process.env.PATIENCE ?? 20_000);

/** For whoever expects to wait in vain. */
export function setPatience(milliseconds: number): void {
  patience = Number(process.env.PATIENCE ?? milliseconds);
}

/** Milliseconds between two looks: whoever is waited for needs the processor as well. */
const interval = 1;

/** Looks again and again until there is an answer; what is waited for goes into the complaint. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await setTimeout(interval);
  }
}
