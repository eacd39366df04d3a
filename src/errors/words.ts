import { errno, errnoName } from '../linux/errno.js';

/** What engines know of a process that cannot be executed: they make exit codes of these words. */
const words: Readonly<Record<number, string>> = {
  [errno.ENOENT]: 'no such file or directory',
  [errno.ENOTDIR]: 'not a directory',
  [errno.EACCES]: 'permission denied',
  [errno.EPERM]: 'operation not permitted',
  [errno.ENOEXEC]: 'exec format error',
  [errno.EISDIR]: 'is a directory',
  [errno.E2BIG]: 'argument list too long',
  [errno.ELOOP]: 'too many levels of symbolic links',
  [errno.ELIBBAD]: 'accessing a corrupted shared library',
  [errno.ETXTBSY]: 'text file busy',
  [errno.ENOMEM]: 'cannot allocate memory',
};

/** Only for what is said about the container's own command, or its working directory. */
export const processWords = (number: number): string => words[number] ?? errnoName(number);

/** Begins what {@link cwdStep} makes. */
export const cwdSteps = /^chdir to cwd \(/;

/** What a working directory that cannot be entered is called: as runc does. */
export const cwdStep = (cwd: string): string =>
  `chdir to cwd (${JSON.stringify(cwd)}) set in config.json failed`;
