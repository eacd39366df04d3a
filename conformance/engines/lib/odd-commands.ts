/** A command that cannot run, and what engines make of it. */
export interface Odd {
  readonly what: string;
  readonly command: readonly string[];
  /** Of `docker run`. */
  readonly status: number;
  /** Of `docker exec`. */
  readonly exec: number;
  /** What execve(2) answers, where the file is found but not taken. */
  readonly error?: 'ENOENT' | 'ENOEXEC';
  /** What runts says beyond runc's words. */
  readonly cause?: RegExp;
}

/** See odd-programs.ts for the files. */
export const oddCommands: readonly Odd[] = [
  { what: 'a command that is nowhere in PATH', command: ['nothing'], status: 127, exec: 126 },
  { what: 'a path that does not exist', command: ['/bin/nothing'], status: 127, exec: 126 },
  {
    what: 'a file that is not executable',
    command: ['/odd/not-executable'],
    status: 126,
    exec: 126,
    cause: /permission x for nobody/,
  },
  {
    what: 'a directory',
    command: ['/etc'],
    status: 126,
    exec: 126,
    cause: /is a directory: permission denied/,
  },
  { what: 'a path through a file', command: ['/etc/group/x'], status: 125, exec: 126 },
  {
    what: 'a script whose interpreter is missing',
    command: ['/odd/no-interpreter'],
    status: 127,
    exec: 126,
    error: 'ENOENT',
    cause: /its interpreter "\/usr\/bin\/perl", named after #!, is missing/,
  },
  {
    what: 'a script with Windows line ends',
    command: ['/odd/crlf'],
    status: 127,
    exec: 126,
    error: 'ENOENT',
    cause: /its first line ends in CRLF/,
  },
  {
    what: 'a text without #!',
    command: ['/odd/no-shebang'],
    status: 125,
    exec: 126,
    error: 'ENOEXEC',
    cause: /looks like a script, but does not begin with #!/,
  },
  {
    what: 'an empty file',
    command: ['/odd/empty'],
    status: 125,
    exec: 126,
    error: 'ENOEXEC',
    cause: /the file is empty/,
  },
  {
    what: 'a program for another machine',
    command: ['/odd/other-machine'],
    status: 125,
    exec: 126,
    error: 'ENOEXEC',
    cause: /it is a program for riscv/,
  },
  {
    what: 'a program whose loader is missing',
    command: ['/odd/no-loader'],
    status: 127,
    exec: 126,
    error: 'ENOENT',
    cause: /its ELF interpreter \(loader\) "\/lib64\/ld-nowhere-x86.so.2" is missing/,
  },
  {
    what: 'a program whose library is missing',
    command: ['/odd/no-library'],
    status: 127,
    exec: 127,
  },
];
