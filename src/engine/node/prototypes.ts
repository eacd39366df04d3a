import {
  type ArgumentType,
  type NativeName,
  type NativeRow,
  natives,
} from '../../linux/natives.js';

const koffiTypes: Record<ArgumentType, string> = {
  fd: 'int',
  int: 'int',
  u64: 'int64_t',
  cstr: 'const uint8_t *',
  'cstr?': 'const uint8_t *',
  in: 'const uint8_t *',
  out: 'uint8_t *',
};

/** The row as a C prototype in koffi's dialect. */
export function prototypeOf(name: NativeName): string {
  const row: NativeRow = natives[name];
  const args = row.args.map(([arg, type]) => `${koffiTypes[type]} ${arg}`);
  return `int64_t rn_${name}(${args.join(', ') || 'void'})`;
}
