/** Under which numbers the specification's table has its options. */
const table = [
  ...['all', 'async', 'atime', 'bind', 'defaults', 'dev', 'diratime', 'dirsync', 'exec'],
  ...['iversion', 'lazytime', 'loud', 'noatime', 'nodev', 'nodiratime', 'noexec', 'noiversion'],
  ...['nolazytime', 'norelatime', 'nostrictatime', 'nosuid', 'nosymfollow', 'private', 'ratime'],
  ...['rbind', 'rdev', 'rdiratime', 'relatime', 'remount', 'rexec', 'rnoatime', 'rnodiratime'],
  ...['rnoexec', 'rnorelatime', 'rnostrictatime', 'rnosuid', 'rnosymfollow', 'ro', 'rprivate'],
  ...['rrelatime', 'rro', 'rrw', 'rshared', 'rslave', 'rstrictatime', 'rsuid', 'rsymfollow'],
  ...['runbindable', 'rw', 'shared', 'silent', 'slave', 'strictatime', 'suid', 'symfollow'],
  ...['sync', 'unbindable'],
  // Both have six sentences.
  ...['idmap', 'idmap passed', 'idmap mappings', 'idmap container', 'idmap none', 'idmap kernel'],
  ...['ridmap', 'ridmap passed', 'ridmap mappings', 'ridmap container', 'ridmap none'],
  'ridmap kernel',
  // What is said of all options.
  ...['last', 'custom', 'data'],
];

/** The statement about an option: `config/linux-mount-options/38` for `ro`. */
export function optionId(name: string): string {
  const index = table.indexOf(name);
  if (index < 0) throw new Error(`the specification has no option ${name}`);
  return `config/linux-mount-options/${index + 1}`;
}
