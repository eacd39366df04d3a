import { parseGvariant } from '../../dbus/gvariant.js';
import type { DbusValue, Variant } from '../../dbus/values.js';
import { during, RuntimeError } from '../../errors/error.js';
import { annotation, pointerTo } from '../../spec/annotations.js';
import type { Property } from './property.js';

/** Without them the container would be somewhere else than where its record says. */
const ours: readonly string[] = ['PIDs', 'Slice'];

function checkName(name: string): void {
  const wrong = (what: string) => {
    throw new RuntimeError('invalid-config', `the property ${JSON.stringify(name)} ${what}`);
  };
  if (name.length < 3) wrong('has a name of less than three letters');
  if (!/^[A-Za-z]+$/.test(name)) wrong('has a name with something else than letters');
  if (ours.includes(name)) wrong('is what the runtime itself sets');
}

const MICROSECONDS = 1_000_000;

/** On the bus systemd knows spans of time in microseconds alone. */
function microseconds(value: DbusValue): Variant {
  if (typeof value === 'bigint' && value >= 0n)
    return { signature: 't', value: value * BigInt(MICROSECONDS) };
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value))
    return { signature: 't', value: BigInt(Math.floor(value * MICROSECONDS)) };
  throw new RuntimeError('invalid-config', 'a span of time is a number of seconds');
}

/** `TimeoutStopSec` is what unit files have; the property is `TimeoutStopUSec`. */
function property(name: string, text: string): Property {
  checkName(name);
  const value = parseGvariant(text);
  const stem = /^(.*[a-z])Sec$/.exec(name)?.[1];
  return stem === undefined ? [name, value] : [`${stem}USec`, microseconds(value.value)];
}

/** Properties of the unit that the configuration names in annotations. */
export const annotatedProperties = (
  annotations: Readonly<Record<string, string>> = {},
): Property[] =>
  Object.entries(annotations).flatMap(([key, text]) => {
    if (!key.startsWith(annotation.systemdProperty)) return [];
    const name = key.slice(annotation.systemdProperty.length);
    return [during('read a property of the unit', () => property(name, text), pointerTo(key))];
  });
