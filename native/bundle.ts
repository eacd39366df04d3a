import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { root } from './setup/paths.js';

/** Bytecode that is loaded on demand; see Engine.chunk. */
export const chunkNames = ['explain', 'help', 'inspect', 'log'] as const;

const chunkSources: Readonly<Record<(typeof chunkNames)[number], string>> = {
  explain: 'src/spec/explain.ts',
  help: 'src/cli/help.ts',
  inspect: 'src/host/inspect.ts',
  log: 'src/log/pino-chunk.ts',
};

const quickjs: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'neutral',
  format: 'iife',
  target: 'es2023',
  minifySyntax: true,
  mainFields: ['browser', 'module', 'main'],
  conditions: ['browser', 'import'],
  banner: { js: "Symbol.dispose??=Symbol.for('Symbol.dispose');" },
  logLevel: 'warning',
};

/**
 * esbuild's helpers for `using` serve asynchronous disposal too and cost 3 µs a time, on the start
 * path some 150 times. These do what synchronous disposal asks for in a twentieth of that; a name
 * that esbuild no longer uses fails when the snapshot is made.
 */
const disposal = `
__using=(stack,value)=>{if(value!=null)stack.push(value);return value};
__callDispose=(stack,error,failed)=>{
for(let i=stack.length-1;i>=0;i--)try{stack[i][Symbol.dispose]()}catch(e){if(!failed)error=e;failed=true}
if(failed)throw error};
`;

export async function bundleQuickjs(): Promise<void> {
  // As a module: a function of one big closure finds each of its variables by a linear search.
  await build({
    ...quickjs,
    format: 'esm',
    entryPoints: ['src/main.quickjs.ts'],
    outfile: 'build/bundle/main.js',
    footer: { js: disposal },
  });
  for (const name of chunkNames)
    await build({
      ...quickjs,
      entryPoints: [chunkSources[name]],
      outfile: `build/bundle/${name}.js`,
      globalName: 'exported',
    });
}

/** koffi has machine code of its own, so it stays a package that npm installs beside the library. */
export const bundleNode = (): Promise<unknown> =>
  build({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['koffi'],
    entryPoints: { main: 'src/main.node.ts', library: 'src/library.ts' },
    outdir: join(root, 'dist/node'),
    logLevel: 'warning',
  });
