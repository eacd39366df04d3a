import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { root } from './setup/paths.js';

/**
 * The program twice: as a whole, and without what only `create` and `run` need, which is most of
 * it. native/main.c takes one of them by the command.
 */
export const programNames = ['light', 'full'] as const;

/** Bytecode that is loaded on demand; see Engine.chunk. */
export const chunkNames = ['explain', 'help', 'log'] as const;

const chunkSources: Readonly<Record<(typeof chunkNames)[number], string>> = {
  explain: 'src/spec/explain.ts',
  help: 'src/cli/help.ts',
  log: 'src/log/pino-chunk.ts',
};

const quickjs: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'neutral',
  format: 'iife',
  target: 'es2023',
  minify: true,
  mainFields: ['browser', 'module', 'main'],
  conditions: ['browser', 'import'],
  banner: { js: "Symbol.dispose??=Symbol.for('Symbol.dispose');" },
  logLevel: 'warning',
};

export async function bundleQuickjs(): Promise<void> {
  // As modules: a function of one big closure finds each of its variables by a linear search.
  for (const name of programNames)
    await build({
      ...quickjs,
      format: 'esm',
      entryPoints: [`src/engine/quickjs/${name}.ts`],
      outfile: `build/bundle/${name}.js`,
    });
  for (const name of chunkNames)
    await build({
      ...quickjs,
      entryPoints: [chunkSources[name]],
      outfile: `build/bundle/${name}.js`,
      globalName: 'exported',
    });
}

/** The packages stay outside: npm installs them beside the library. */
export const bundleNode = (): Promise<unknown> =>
  build({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    entryPoints: { main: 'src/main.node.ts', library: 'src/library.ts' },
    outdir: join(root, 'dist/node'),
    logLevel: 'warning',
  });
