/** A chunk: what is wrong with a file that could not be executed, read from itself. */
import {
  AT_FDCWD,
  O_NONBLOCK,
  O_RDONLY,
  S_IFREG,
  SEEK_SET,
  ST_NOEXEC,
} from '../linux/constants.js';
import {
  type ElfHeader,
  findInterpreter,
  HEADER_SIZE,
  type Header,
  isProgram,
  parseHeader,
} from '../linux/executable.js';
import type { Fd } from './fd.js';
import type { Context } from './host.js';
import type { openAt } from './io.js';
import type { mountFlagsOf, stat } from './stat.js';

/** Opens a path where the process would find it, with O_PATH; null when nothing is there. */
export type Find = (path: string) => Fd | null;

/** What the rest of the program has already, and a chunk would bring again. */
export interface Tools {
  readonly context: Context;
  readonly find: Find;
  readonly openAt: typeof openAt;
  readonly stat: typeof stat;
  readonly mountFlagsOf: typeof mountFlagsOf;
}

/** The kernel follows fewer interpreters of interpreters: exec.c, exec_binprm(). */
const MOST_INTERPRETERS = 6;

/** A name of an interpreter may be as long as a path. */
const LONGEST = 4096;

const quote = (text: string): string => JSON.stringify(text);

/** Of a file that is open already: what a path leads to may have changed. */
const reopen = ({ context, openAt }: Tools, { number }: Fd): Fd =>
  openAt(context, AT_FDCWD, `/proc/self/fd/${number}`, O_RDONLY | O_NONBLOCK);

function readAt(context: Context, file: Fd, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const { raw } = context.host;
  if (raw.lseek(file.number, offset, SEEK_SET) < 0) return bytes.subarray(0, 0);
  return bytes.subarray(0, Math.max(0, raw.read(file.number, bytes, length)));
}

/** uname(2): the fifth field of 65 bytes. */
function ownMachine({ host }: Context): string {
  const names = new Uint8Array(65 * 6);
  host.sys.uname(names);
  const field = names.subarray(4 * 65, 5 * 65);
  return host.engine.decode(field, 0, field.indexOf(0));
}

function interpreterOf(context: Context, file: Fd, header: ElfHeader): string | null {
  const length = Math.min(header.size * header.count, 65536);
  const place = findInterpreter(header, readAt(context, file, header.offset, length));
  if (place === null) return null;
  const name = readAt(context, file, place.offset, Math.min(place.length, LONGEST));
  const end = name.indexOf(0);
  return context.host.engine.decode(name, 0, end < 0 ? name.length : end);
}

const malformed = {
  empty: 'the file is empty',
  'damaged elf': 'it is a damaged ELF file',
  text: 'it looks like a script, but does not begin with #! and an interpreter',
  unknown: 'it begins neither as an ELF program nor as a script, with #!',
} as const;

const permission = ({ context, stat, mountFlagsOf }: Tools, { number }: Fd): string | null => {
  const { type, permissions } = stat(context, number);
  if (type !== S_IFREG) return 'it is no regular file';
  if ((permissions & 0o111) === 0) return 'the file has the permission x for nobody';
  const noexec = (mountFlagsOf(context, number) & ST_NOEXEC) !== 0;
  return noexec ? 'its mount has the option noexec' : null;
};

/** A program of the same word size or of no other machine, that is. */
function foreign(context: Context, { machine, bits, littleEndian }: ElfHeader): string | null {
  const own = ownMachine(context);
  if (machine === own && (own !== 'x86_64' || bits === 64)) return null;
  const order = littleEndian ? 'little' : 'big';
  const what = `${machine} (${bits} bits, ${order}-endian)`;
  return `it is a program for ${what}, and this machine is ${own}`;
}

/** What is wrong with a file and with the interpreters that it needs. */
class Inspection {
  readonly #tools: Tools;
  /** What execve(2) has answered: ENOEXEC, or something else. */
  readonly #unknownFormat: boolean;

  constructor(tools: Tools, unknownFormat: boolean) {
    this.#tools = tools;
    this.#unknownFormat = unknownFormat;
  }

  cause(found: Fd, depth: number): string | null {
    return permission(this.#tools, found) ?? this.#header(found, depth);
  }

  #header(found: Fd, depth: number): string | null {
    const { context } = this.#tools;
    using file = reopen(this.#tools, found);
    const bytes = readAt(context, file, 0, HEADER_SIZE);
    const { decode } = context.host.engine;
    const header = parseHeader(bytes, (some) => decode(some));
    if (header.kind === 'elf') return this.#elf(file, header, depth);
    return header.kind === 'script' ? this.#script(header, depth) : malformed[header.kind];
  }

  #script({ interpreter, whole }: Extract<Header, { kind: 'script' }>, depth: number) {
    if (interpreter.trim() === '') return 'it names no interpreter after #!';
    if (!whole) return `its first line is longer than the ${HEADER_SIZE} bytes that count`;
    const name = `its interpreter ${quote(interpreter)}, named after #!,`;
    const cause = this.#interpreter(name, interpreter, depth);
    if (cause === null || !interpreter.endsWith('\r')) return cause;
    return `its first line ends in CRLF, so that the CR is a part of the name: ${cause}`;
  }

  #elf(file: Fd, header: ElfHeader, depth: number): string | null {
    const { context } = this.#tools;
    const cause = this.#unknownFormat ? foreign(context, header) : null;
    if (cause !== null) return cause;
    if (!isProgram(header)) return 'it is an ELF file, but no program';
    const path = interpreterOf(context, file, header);
    const name = `its ELF interpreter (loader) ${quote(path ?? '')}`;
    const deeper = path === null ? null : this.#interpreter(name, path, depth);
    return deeper ?? (this.#unknownFormat ? malformed['damaged elf'] : null);
  }

  #interpreter(name: string, path: string, depth: number): string | null {
    if (!path.startsWith('/')) return `${name} is looked for in the working directory`;
    using found = this.#tools.find(path);
    if (found === null) return `${name} is missing in the container`;
    if (depth === MOST_INTERPRETERS) return 'its interpreters need interpreters without end';
    const cause = this.cause(found, depth + 1);
    return cause === null ? null : `${name} cannot be executed: ${cause}`;
  }
}

/** Null when the file does not tell why execve(2) refuses it. */
export function inspect(tools: Tools, path: string, unknownFormat: boolean): string | null {
  using found = tools.find(path);
  return found && new Inspection(tools, unknownFormat).cause(found, 0);
}
