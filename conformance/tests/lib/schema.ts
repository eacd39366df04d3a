/** Documents of a runtime held against the specification's schemas. */
import { Ajv, type AnySchema } from 'ajv';
import featuresSchema from '../../../spec-schemas/features.json' with { type: 'json' };
import stateSchema from '../../../spec-schemas/state.json' with { type: 'json' };

const ajv = new Ajv({ allErrors: true, strict: false });

function checked(schema: AnySchema, what: string): (document: unknown) => void {
  const validate = ajv.compile(schema);
  return (document) => {
    if (validate(document)) return;
    throw new Error(`${what}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(document)}`);
  };
}

/** What `state` prints and hooks read. */
export interface StateDocument {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: string;
  readonly pid?: number;
  readonly bundle: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Its schema knows these alone; a runtime may have others for states that are none of these. */
const statuses = { enum: ['creating', 'created', 'running', 'stopped'] };

const checkState = checked(
  { allOf: [stateSchema, { properties: { status: statuses } }] },
  'the state does not adhere to its schema',
);

export function isState(document: unknown): StateDocument {
  checkState(document);
  return document as StateDocument;
}

export interface FeaturesDocument {
  readonly ociVersionMin: string;
  readonly ociVersionMax: string;
  readonly hooks?: readonly string[] | null;
  readonly mountOptions?: readonly string[] | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
}

interface Node {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** No object may have another property than those that are listed. */
const closed = (schema: object): AnySchema =>
  JSON.parse(JSON.stringify(schema), (_, node: Node) =>
    typeof node === 'object' && node !== null && isListing(node.properties)
      ? { ...node, additionalProperties: false }
      : node,
  );

/** `properties` can be the name of one, too: then it is no list of schemas with types. */
const isListing = (list: unknown): boolean => typeof list === 'object' && list !== null;

const checkFeatures = checked(featuresSchema, 'the features do not adhere to their schema');
const checkNames = checked(
  closed(featuresSchema),
  'the features have properties that are not defined',
);

export function areFeatures(document: unknown): FeaturesDocument {
  checkFeatures(document);
  return document as FeaturesDocument;
}

export const haveDefinedNames = (document: unknown): void => checkNames(document);
