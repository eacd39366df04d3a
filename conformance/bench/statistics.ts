/** What is told of repeated measurements. */
export interface Summary {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly count: number;
}

/** Linear between neighbours, so that the quantile of an even number of values is defined. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function summarize(values: readonly number[]): Summary {
  const [p10, middle, p90] = [0.1, 0.5, 0.9].map((share) => quantile(values, share));
  return { median: middle!, p10: p10!, p90: p90!, count: values.length };
}
