/** What a generated validator says about one error. */
export interface RawError {
  /** JSON pointer into the document. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The words of our JSON Schemas that complaints read. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode;
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
  /** The section of the specification that defines this. */
  readonly 'x-spec'?: string;
  /** What is allowed, where the other words do not say it well. */
  readonly 'x-allowed'?: string;
  /** What callers expect to read when this is absent. */
  readonly 'x-missing'?: string;
}
