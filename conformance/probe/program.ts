import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kept } from '../lib/kept.js';

const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where `npm run build` puts it, beside the bundle that this is part of then. */
const shipped = beside('./probe');
const source = beside('./probe.c');

/** The static program of probe.c; compiled when it is first used, if it was not shipped. */
export const probe = (): string =>
  existsSync(source)
    ? kept('probe', source, (program) => {
        execFileSync('cc', ['-static', '-s', '-Os', '-Wall', '-Wextra', '-o', program, source]);
      })
    : shipped;
