/** Who writes a record: the fields that runc adds to its own with --debug. */
export interface Caller {
  readonly func: string;
  readonly file: string;
}

/**
 * `at name (file:line:column)`; functions without a name are passed over. The bytecode of the
 * static executable has no positions: there a line is the name alone.
 */
const frame = /^\s*at (?:Object\.|Module\.)?([\w$.]+)(?: \((?:.*\/)?([^/()]+?)(:\d+)(?::\d+)?\))?$/;

/** Functions between the one that has something to say and this one; the bundler numbers doubles. */
const own =
  /^(?:callerNow|fields|debug|info|warn|error|fail|attempt|openAt|openIfThere|readAll|__callDispose)\d*$/;

export function callerIn(stack: string): Caller {
  for (const line of stack.split('\n')) {
    const [, func = '', file = 'main.js', number = ''] = frame.exec(line) ?? [];
    if (func !== '' && !own.test(func)) return { func, file: `${file}${number}` };
  }
  return { func: '', file: '' };
}

export const callerNow = (): Caller => callerIn(new Error().stack ?? '');
