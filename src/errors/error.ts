/** Stable kinds of failure: for programs that react to one. */
export type ErrorCode =
  | 'usage'
  | 'invalid-config'
  | 'not-supported'
  | 'host'
  | 'not-found'
  | 'exists'
  | 'wrong-state'
  | 'command-not-found'
  | 'command-not-executable'
  | 'init-died'
  | 'hook-failed'
  | 'syscall'
  | 'protocol'
  | 'bug';

/** A failed native call, as strace would print it. */
export interface FailedCall {
  readonly name: string;
  readonly args: readonly string[];
  /** Positive errno(3) value. */
  readonly errno: number;
}

/** The plain data of an error: equal on both sides of the channel. */
export interface ErrorData {
  readonly code: ErrorCode;
  /** What is wrong; may be empty when `call` says it all. */
  readonly message: string;
  /** JSON pointer into the configuration. */
  readonly at?: string;
  readonly call?: FailedCall;
  /** What was being done, outermost first. */
  readonly steps: readonly string[];
  readonly hint?: string;
}

export type ErrorDetails = Partial<Pick<ErrorData, 'at' | 'call' | 'steps' | 'hint'>>;

/** Every failure that a caller can be told about. Anything else that is thrown is a bug. */
export class RuntimeError extends Error implements ErrorData {
  readonly code: ErrorCode;
  readonly at?: string;
  readonly call?: FailedCall;
  readonly steps: readonly string[];
  readonly hint?: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'RuntimeError';
    this.code = code;
    this.steps = details.steps ?? [];
    if (details.at !== undefined) this.at = details.at;
    if (details.call !== undefined) this.call = details.call;
    if (details.hint !== undefined) this.hint = details.hint;
  }
}

export function toData(error: RuntimeError): ErrorData {
  const { code, message, at, call, steps, hint } = error;
  return {
    code,
    message,
    steps,
    ...(at !== undefined && { at }),
    ...(call !== undefined && { call }),
    ...(hint !== undefined && { hint }),
  };
}

export function fromData(data: ErrorData): RuntimeError {
  return new RuntimeError(data.code, data.message, data);
}

/** A chunk of code that was loaded late has a class RuntimeError of its own. */
const isForeign = (thrown: unknown): thrown is ErrorData =>
  thrown instanceof Error && thrown.name === 'RuntimeError' && 'code' in thrown;

/** Wraps whatever was thrown; a value that is no RuntimeError becomes code `bug` with its stack. */
export function asRuntimeError(thrown: unknown): RuntimeError {
  if (thrown instanceof RuntimeError) return thrown;
  if (isForeign(thrown)) return fromData(thrown);
  const text =
    thrown instanceof Error ? `${thrown.name}: ${thrown.message}\n${thrown.stack}` : String(thrown);
  return new RuntimeError('bug', text);
}

/** Adds what was being done, and where in the configuration, to a failure that passes through. */
export function during<T>(step: string, act: () => T, at?: string): T {
  try {
    return act();
  } catch (thrown) {
    const error = asRuntimeError(thrown);
    throw new RuntimeError(error.code, error.message, {
      ...toData(error),
      steps: [step, ...error.steps],
      ...(at !== undefined && error.at === undefined && { at }),
    });
  }
}
