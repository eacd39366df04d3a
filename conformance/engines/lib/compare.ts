import {
  type Case,
  type Difference,
  type Fact,
  type Facts,
  type RuntimeName,
  runtimes,
  type Wanted,
} from './case.js';

const matches = (fact: Fact | undefined, wanted: Wanted): boolean =>
  wanted instanceof RegExp ? typeof fact === 'string' && wanted.test(fact) : fact === wanted;

const shown = (value: Wanted | undefined): string =>
  value instanceof RegExp ? String(value) : (JSON.stringify(value) ?? 'nothing');

/** What is not as wanted, or differs without standing among the known differences. */
export function complaintsAbout(
  { name, wanted }: Pick<Case<never>, 'name' | 'wanted'>,
  seen: Readonly<Record<RuntimeName, Facts>>,
  differences: readonly Difference[],
): readonly string[] {
  const known = differences.filter((difference) => difference.name === name);
  const facts = new Set([...Object.keys(wanted), ...runtimes.flatMap((r) => Object.keys(seen[r]))]);
  return [...facts].flatMap((fact) => {
    const difference = known.find((row) => row.fact === fact);
    return difference ? stale(difference, seen) : strange(fact, wanted[fact], seen);
  });
}

function strange(
  fact: string,
  wanted: Wanted | undefined,
  seen: Readonly<Record<RuntimeName, Facts>>,
): string[] {
  const wrong = wanted === undefined ? [] : runtimes.filter((r) => !matches(seen[r][fact], wanted));
  if (wrong.length > 0)
    return wrong.map((r) => `${r}: ${fact} is ${shown(seen[r][fact])}, not ${shown(wanted)}`);
  const [ours, theirs] = [seen.runts[fact], seen.runc[fact]];
  return ours === theirs
    ? []
    : [`${fact} differs: ${shown(ours)} with runts, ${shown(theirs)} with runc`];
}

function stale(row: Difference, seen: Readonly<Record<RuntimeName, Facts>>): string[] {
  return runtimes
    .filter((r) => !matches(seen[r][row.fact], row[r]))
    .map((r) => `${r}: ${row.fact} is ${shown(seen[r][row.fact])}, not ${shown(row[r])} as known`);
}
