import { RuntimeError } from '../../src/errors/error.js';
import type { Spec } from '../../src/generated/spec-types.js';
import { refuseUnsupported } from '../../src/spec/unsupported.js';

const namespaceTypes = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'];

/** Has every field that anybody looks for, and each of them asks for something. */
const anything: object = new Proxy({ field: true }, { get: () => anything });

const with_ = (fields: Readonly<Record<string, unknown>>): object =>
  new Proxy({ field: true }, { get: (_, name) => fields[String(name)] ?? anything });

export interface Refusal {
  /** JSON pointer; `/mounts/0` stands for every mount. */
  readonly pointer: string;
  /** Where it is a type of namespaces that is refused. */
  readonly type?: string;
  readonly reason: string;
}

function asRefusal(text: string): Refusal {
  const [pointer = '', reason = ''] = text.split(': ', 2);
  const [, place] = /^\/linux\/namespaces\/(\d+)\/type$/.exec(pointer) ?? [];
  const type = place === undefined ? undefined : namespaceTypes[Number(place)];
  return { pointer, reason, ...(type !== undefined && { type }) };
}

/** All that a configuration can ask for in vain. */
export function refusals(): Refusal[] {
  const linux = with_({ namespaces: namespaceTypes.map((type) => ({ type })) });
  try {
    refuseUnsupported(with_({ linux, mounts: [anything], annotations: {} }) as Spec);
  } catch (thrown) {
    if (!(thrown instanceof RuntimeError)) throw thrown;
    return `${thrown.at}: ${thrown.message}`.split('; ').map(asRefusal);
  }
  return [];
}
