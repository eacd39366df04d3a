import { fine, hasNamespace, type Rule, wrong } from './rule.js';

// SemVer 2.0.0, section 2 and 9 to 11; this release implements major version 1.
const number = '(0|[1-9]\\d*)';
const identifier = `(${number}|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
const suffix = `(-${identifier}(\\.${identifier})*)?`;
const semver = new RegExp(
  `^${number}\\.${number}\\.${number}${suffix}(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$`,
);

/** sethostname(2): HOST_NAME_MAX. */
const longestName = 64;

const version: Rule = ({ ociVersion }) =>
  semver.exec(ociVersion)?.[1] === '1'
    ? fine
    : wrong('/ociVersion', ociVersion, 'a version 1.x.y', 'config.md#specification-version');

const rootIsThere: Rule = ({ root }) =>
  root !== undefined ? fine : wrong('/root', root, 'an object', 'config.md#root');

const rootHasPath: Rule = ({ root }) =>
  root?.path !== '' ? fine : wrong('/root/path', '', 'the path of a directory', 'config.md#root');

function utsName(field: 'hostname' | 'domainname'): Rule {
  const at = `/${field}`;
  const section = `config.md#${field}`;
  return (spec) => {
    const name = spec[field] ?? '';
    if (name === '') return fine;
    if (name.length > longestName) return wrong(at, name, `${longestName} bytes`, section);
    if (hasNamespace(spec, 'uts')) return fine;
    return wrong(at, name, 'nothing, or a namespace of type uts', section);
  };
}

const annotationKeys: Rule = ({ annotations = {} }) =>
  '' in annotations
    ? wrong('/annotations/', '', 'keys that are not empty', 'config.md#annotations')
    : fine;

export const documentRules: readonly Rule[] = [
  version,
  rootIsThere,
  rootHasPath,
  utsName('hostname'),
  utsName('domainname'),
  annotationKeys,
];
