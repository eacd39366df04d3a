/** What stands beside each other in every case. */
export const runtimes = ['runts', 'runc'] as const;
export type RuntimeName = (typeof runtimes)[number];

export type Fact = string | number | boolean;

/** What one run of a case has shown, by name. */
export type Facts = Readonly<Record<string, Fact>>;

/** A text may be described instead of written out. */
export type Wanted = Fact | RegExp;

/** One behaviour of an engine with a runtime, as a sentence. */
export interface Case<Site> {
  readonly name: string;
  readonly act: (site: Site) => Promise<Facts>;
  readonly wanted: Readonly<Record<string, Wanted>>;
}

/** A fact in which runts differs from runc, and is meant to. */
export interface Difference {
  readonly engine: string;
  /** The name of the case. */
  readonly name: string;
  readonly fact: string;
  readonly runts: Wanted;
  readonly runc: Wanted;
  readonly why: string;
  /** Unless it is everywhere. */
  readonly where?: { readonly text: string; readonly isHere: () => boolean };
}
