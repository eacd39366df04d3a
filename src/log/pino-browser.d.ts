/**
 * The little that is used of pino's browser build. Its own types would bring Node's into code that
 * must also run without Node.
 */
declare module 'pino/browser.js' {
  type Method = (fields: object) => void;

  interface Options {
    readonly level: string;
    readonly timestamp: false;
    readonly browser: { readonly write: (record: object) => void };
  }

  export default function pino(
    options: Options,
  ): Readonly<Record<'debug' | 'info' | 'warn' | 'error', Method>>;
}
