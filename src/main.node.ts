import { readFileSync } from 'node:fs';
import { main } from './cli/cli.js';
import { nodeEngine } from './engine/node/engine.js';
import { createHost } from './host/host.js';
import { runInit } from './init/init.js';
import { silent } from './log/logger.js';
import type { Plan } from './plan/plan.js';
import type { HandedOver } from './runtime/launch.js';

/** The child that `launch` started: its Plan is in a memfd. */
function init(argument: string): never {
  const { plan, ...handed } = JSON.parse(argument) as HandedOver & { plan: number };
  const text = readFileSync(plan, 'utf8');
  const context = { host: createHost(nodeEngine()), log: silent };
  return runInit({ ...context, ...handed, plan: JSON.parse(text) as Plan });
}

const [, , command, argument] = process.argv;
if (command === 'init' && argument !== undefined) init(argument);
const engine = nodeEngine();
engine.natives.exit(main(engine));
