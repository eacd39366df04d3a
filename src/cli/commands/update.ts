import { during } from '../../errors/error.js';
import { readAll, readFile } from '../../host/io.js';
import type { RuntimeContext } from '../../runtime/context.js';
import { readResources, updateContainer } from '../../runtime/update.js';
import { stringify } from '../../spec/json.js';
import { action, type Values } from '../command.js';
import { limitsOf } from '../limits.js';
import { valueKey } from '../parse.js';
import { rows } from '../rows.js';

const STDIN = 0;

function textOf(context: RuntimeContext, path: string): string {
  const bytes = during(`read resources from ${path}`, () =>
    path === '-' ? readAll(context, STDIN) : readFile(context, path),
  );
  return context.host.engine.decode(bytes);
}

const forgotten = ['kernel-memory', 'kernel-memory-tcp'] as const;

function warnOfForgotten(context: RuntimeContext, values: Values): void {
  for (const name of forgotten)
    if (values[valueKey(name)] !== undefined)
      context.log.warn(`--${name} is ignored: the limit of memory counts that of the kernel too`);
}

export const update = action(rows.update, (context, input) => {
  const { id, resources, l3CacheSchema, memBwSchema } = input;
  // A document is all that is asked for; engines fill it with what they do not change too.
  if (resources !== undefined) {
    updateContainer(context, id, readResources(context, textOf(context, resources)), {});
    return 0;
  }
  warnOfForgotten(context, input);
  updateContainer(context, id, readResources(context, stringify(limitsOf(input))), {
    ...(l3CacheSchema && { l3CacheSchema }),
    ...(memBwSchema && { memBwSchema }),
  });
  return 0;
});
