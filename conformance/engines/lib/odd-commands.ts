/** A command that cannot run, and what engines make of it. */
export interface Odd {
  readonly what: string;
  readonly command: readonly string[];
  /** Of `docker run`. */
  readonly status: number;
  /** Of `docker exec`. */
  readonly exec: number;
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
  },
  { what: 'a directory', command: ['/etc'], status: 126, exec: 126 },
  { what: 'a path through a file', command: ['/etc/group/x'], status: 125, exec: 126 },
  {
    what: 'a script whose interpreter is missing',
    command: ['/odd/no-interpreter'],
    status: 125,
    exec: 126,
  },
  { what: 'a script with Windows line ends', command: ['/odd/crlf'], status: 127, exec: 126 },
  { what: 'a text without #!', command: ['/odd/no-shebang'], status: 1, exec: 1 },
  { what: 'an empty file', command: ['/odd/empty'], status: 1, exec: 1 },
  { what: 'a program for another machine', command: ['/odd/other-machine'], status: 1, exec: 1 },
  {
    what: 'a program whose loader is missing',
    command: ['/odd/no-loader'],
    status: 127,
    exec: 126,
  },
  {
    what: 'a program whose library is missing',
    command: ['/odd/no-library'],
    status: 127,
    exec: 127,
  },
];
