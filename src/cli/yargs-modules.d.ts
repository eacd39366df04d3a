/** The modules inside yargs and cliui that need no Node, with the little of them that is used. */
declare module '*/yargs/build/lib/yargs-factory.js' {
  interface OptionSettings {
    readonly type: 'boolean' | 'string' | 'number';
    readonly array?: boolean;
    readonly describe: string;
    readonly alias?: readonly string[];
    readonly choices?: readonly string[];
    readonly defaultDescription?: string;
  }

  type Answer = (error: Error | null | undefined, values: object, output: string) => void;

  interface Yargs {
    scriptName(name: string): Yargs;
    usage(text: string): Yargs;
    epilogue(text: string): Yargs;
    wrap(width: number): Yargs;
    version(shown: false): Yargs;
    help(shown: false): Yargs;
    help(): Yargs;
    exitProcess(exit: false): Yargs;
    recommendCommands(): Yargs;
    command(name: string, summary: string): Yargs;
    positional(name: string, settings: OptionSettings): Yargs;
    option(name: string, settings: OptionSettings): Yargs;
    parse(argv: readonly string[], answer: Answer): unknown;
  }

  export function YargsFactory(shim: object): () => Yargs;
}

declare module '*/cliui/build/lib/index.js' {
  interface TextTools {
    stringWidth(text: string): number;
    stripAnsi(text: string): string;
    wrap(text: string, width: number): string;
  }

  export function cliui(options: object, tools: TextTools): object;
}

declare module 'yargs-parser/browser' {
  const parser: object;
  export default parser;
}
