const startedAt = performance.now();

/** Seconds since this program began, as a column of fixed width. */
export function elapsed(): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s`;
}

/** One line per step; everything that takes longer than a blink announces itself here. */
export function progress(text: string): void {
  process.stdout.write(`[${elapsed()}] ${text}\n`);
}
