import { setImmediate } from 'node:timers/promises';

/** Milliseconds; PATIENCE is for slower machines. */
export const patience = Number(process.env.PATIENCE ?? 20_000);

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
    await setImmediate();
  }
}
