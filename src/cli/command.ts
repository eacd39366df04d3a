import type { RuntimeContext } from '../runtime/context.js';

/** What a value is: true or false, any text, a whole number, any text each time that it is given. */
export type OptionKind = 'flag' | 'text' | 'count' | 'list';

export interface OptionRow {
  readonly name: string;
  /** One letter. */
  readonly alias?: string;
  readonly kind: OptionKind;
  /** What the help calls the value. */
  readonly value?: string;
  readonly summary: string;
  /** What holds when it is not used, for the help. */
  readonly fallback?: string;
  /** Every value that is understood, where they can be counted. */
  readonly choices?: readonly string[];
}

export interface ArgumentRow {
  /** Its key among the values. */
  readonly name: string;
  /** What the help calls it. */
  readonly shown: string;
  /** What stands for it when it is left out; one without a fallback must be given. */
  readonly fallback?: string;
  /** It is the last one and takes all the words that are left, also none: a list. */
  readonly rest?: boolean;
}

export interface CommandRow {
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentRow[];
  readonly options: readonly OptionRow[];
  /** Options must stand before the first argument: what follows it belongs to the container. */
  readonly ordered?: boolean;
  /** No container is looked at, so the state root need not be there, nor be made. */
  readonly stateless?: boolean;
  /** What its failures begin with; users look for runc's words. */
  readonly prefix?: string;
  /** The exit status of a failure of its own, where 1 could be that of the container's process. */
  readonly failure?: number;
}

export type Values = Record<string, string | number | boolean | readonly string[]>;

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;

interface KindValues {
  flag: boolean;
  text: string;
  count: number;
  list: readonly string[];
}

/** The values of some option rows, by their names in camel case. */
export type OptionValues<O extends OptionRow> = {
  readonly [Row in O as Camel<Row['name']>]?: KindValues[Row['kind']];
};

/** What a command is given: the values of its options, and all of its arguments. */
export type Input<R extends CommandRow> = OptionValues<R['options'][number]> & {
  readonly [Row in R['arguments'][number] as Row['name']]: Row extends { readonly rest: true }
    ? readonly string[]
    : string;
};

/** Does a command's work; answers the exit status where that is not 0. */
export type Action = (context: RuntimeContext, input: Values) => number | undefined;

/** Ties an action to the row that says what it is given. */
export function action<R extends CommandRow>(
  _row: R,
  run: (context: RuntimeContext, input: Input<R>) => number | undefined,
): Action {
  return (context, input) => run(context, input as Input<R>);
}

/** Actions by the names of their commands. */
export type Actions = Readonly<Record<string, Action>>;
