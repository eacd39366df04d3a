import { Reader } from './reader.js';
import { type DbusValue, malformed, type TextCodec, type Variant } from './values.js';
import { Writer } from './writer.js';

export const METHOD_CALL = 1;
export const METHOD_RETURN = 2;
export const ERROR = 3;
export const SIGNAL = 4;

/** A flag: whoever is called need not answer. */
export const NO_REPLY_EXPECTED = 1;

/** Header fields by their names here: the code and the type of each, "Header Fields". */
const fields = {
  path: [1, 'o'],
  interface: [2, 's'],
  member: [3, 's'],
  errorName: [4, 's'],
  replySerial: [5, 'u'],
  destination: [6, 's'],
  sender: [7, 's'],
  signature: [8, 'g'],
} as const;

type FieldName = keyof typeof fields;

export interface Message {
  readonly type: number;
  readonly flags?: number;
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly sender?: string;
  /** Of the body; absent where that is empty. */
  readonly signature?: string;
  readonly body: readonly DbusValue[];
}

const LITTLE_ENDIAN = 0x6c;
const VERSION = 1;
/** What tells how long a message is. */
export const FIXED_HEADER = 16;
/** The specification has 128 MiB; systemd has nothing to say that comes near this. */
const LONGEST = 2 ** 24;

const names = Object.keys(fields) as FieldName[];

/** Which fields a message of each type has to have, "Message Types". */
const required: Readonly<Record<number, readonly FieldName[]>> = {
  [METHOD_CALL]: ['path', 'member'],
  [METHOD_RETURN]: ['replySerial'],
  [ERROR]: ['errorName', 'replySerial'],
  [SIGNAL]: ['path', 'interface', 'member'],
};

export function encodeMessage(message: Message, codec: TextCodec): Uint8Array {
  const body = new Writer(codec);
  body.all(message.signature ?? '', message.body);
  const header = new Writer(codec);
  const { type, flags = 0, serial } = message;
  const present = names.flatMap((name) => {
    const value = message[name];
    const [code, signature] = fields[name];
    return value === undefined ? [] : [[code, { signature, value }]];
  });
  const head = [LITTLE_ENDIAN, type, flags, VERSION, body.length, serial, present];
  header.all('yyyyuua(yv)', head);
  header.align(8);
  header.append(body.finish());
  if (header.length > LONGEST) throw malformed('a message is too long');
  return header.finish();
}

/** Of the message that begins with these {@link FIXED_HEADER} bytes. */
export function messageLength(start: Uint8Array): number {
  const view = new DataView(start.buffer, start.byteOffset, FIXED_HEADER);
  if (start[0] !== LITTLE_ENDIAN) throw malformed('a message is not little-endian');
  if (start[3] !== VERSION) throw malformed(`a message has version ${start[3]}`);
  const header = FIXED_HEADER + view.getUint32(12, true);
  const length = Math.ceil(header / 8) * 8 + view.getUint32(4, true);
  if (length > LONGEST) throw malformed('a message is too long');
  return length;
}

/** A message that {@link messageLength} has measured. */
export function decodeMessage(bytes: Uint8Array, codec: TextCodec): Message {
  const header = new Reader(bytes, codec);
  const [, type, flags, , , serial, present] = header.all('yyyyuua(yv)');
  header.align(8);
  const found = namedFields(present as readonly (readonly [number, Variant])[]);
  const message = { type: type as number, flags: flags as number, serial: serial as number };
  checkFields(message, found);
  const body = new Reader(bytes.subarray(header.at), codec);
  const values = body.all(found.signature ?? '');
  body.expectEnd();
  return { ...message, ...found, body: values };
}

type Fields = Pick<Message, FieldName>;

/** Fields that nobody knows yet are passed over, as the specification wants it. */
function namedFields(present: readonly (readonly [number, Variant])[]): Fields {
  const found: Record<string, DbusValue> = {};
  for (const [code, { signature, value }] of present) {
    const name = names.find((each) => fields[each][0] === code);
    if (name === undefined) continue;
    if (signature !== fields[name][1]) throw malformed(`the header field ${name} has a wrong type`);
    found[name] = value;
  }
  return found as Fields;
}

function checkFields({ type, serial }: Pick<Message, 'type' | 'serial'>, found: Fields): void {
  if (serial === 0) throw malformed('a message has no serial');
  const lacking = required[type]?.find((name) => found[name] === undefined);
  if (lacking !== undefined) throw malformed(`a message has no ${lacking}`);
}
