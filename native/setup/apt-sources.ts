/** One entry of sources.list(5), of either format. */
export interface AptSource {
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** The text of the field as written: a file, a fingerprint or a whole key. */
  readonly signedBy?: string;
}

const oneLine = /^(deb(?:-src)?)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/;

/** `deb [signed-by=…] URI SUITE COMPONENT…`, one a line. */
export function parseOneLine(text: string): readonly AptSource[] {
  return text
    .split('\n')
    .map((line) => oneLine.exec(line.replace(/#.*/, '').trim()))
    .filter((match) => match !== null)
    .map(([, type = '', options = '', uri = '', suite = '', components = '']) => {
      const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
      return {
        types: [type],
        uris: [uri],
        suites: [suite],
        components: words(components),
        ...(signedBy !== undefined && { signedBy }),
      };
    });
}

/** Stanzas of `Field: value` with continuation lines, empty lines between them. */
export function parseDeb822(text: string): readonly AptSource[] {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n[ \t]*\n/).flatMap((stanza) => {
    const fields = fieldsOf(stanza);
    const uris = words(fields.get('uris'));
    if (uris.length === 0 || /^(no|false|0)$/i.test(fields.get('enabled')?.trim() ?? '')) return [];
    const signedBy = fields.get('signed-by');
    return {
      types: words(fields.get('types')),
      uris,
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
      ...(signedBy !== undefined && { signedBy: signedBy.trim() }),
    };
  });
}

function fieldsOf(stanza: string): ReadonlyMap<string, string> {
  const matches = stanza.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm);
  return new Map([...matches].map(([, name = '', value = '']) => [name.toLowerCase(), value]));
}

function words(text = ''): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The entries that may be a mirror of Debian itself, the likeliest first; never a third party's. */
export function debianMirrors(
  sources: readonly AptSource[],
  codename: string | undefined,
): readonly AptSource[] {
  const releases = new Set(['stable', 'oldstable', 'testing', 'unstable', 'sid', codename]);
  const isMirror = ({ types, suites, components, uris }: AptSource) =>
    types.some((type) => type === 'deb' || type === 'deb-src') &&
    suites.some((suite) => releases.has(suite)) &&
    components.includes('main') &&
    uris.some((uri) => !uri.startsWith('cdrom:'));
  return sources.filter(isMirror);
}

/** An entry of our own for another suite's source packages, from the same mirror and key. */
export function sourceEntry(mirror: AptSource, suite: string, fallbackKeyring?: string): string {
  const signedBy = mirror.signedBy ?? fallbackKeyring;
  return [
    'Types: deb-src',
    `URIs: ${mirror.uris.filter((uri) => !uri.startsWith('cdrom:')).join(' ')}`,
    `Suites: ${suite}`,
    'Components: main',
    ...(signedBy === undefined ? [] : [`Signed-By: ${signedBy}`]),
    '',
  ].join('\n');
}
