#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { main } from './cli/cli.js';
import { actions } from './cli/commands/actions.js';
import { epollFds, nodeEngine } from './engine/node/engine.js';
import { createHost, type Host } from './host/host.js';
import { runInit } from './init/init.js';
import { F_SETFD } from './linux/constants.js';
import { silent } from './log/logger.js';
import type { Plan } from './plan/plan.js';
import type { HandedOver } from './runtime/launch.js';

/** The child that `launch` started: its Plan is in a memfd. */
function init(argument: string): never {
  const { plan, ...handed } = JSON.parse(argument) as HandedOver & { plan: number };
  const text = readFileSync(plan, 'utf8');
  const context = { host: createHost(nodeEngine()), log: silent };
  const parsed = JSON.parse(text) as Plan;
  inheritAgain(context.host, 3 + parsed.process.extraFds);
  return runInit({ ...context, ...handed, plan: parsed, engineFds: epollFds() });
}

/** Node marks what it has inherited as close-on-exec when it starts; the container inherits it. */
function inheritAgain({ sys }: Host, count: number): void {
  for (let fd = 0; fd < count; fd++) sys.fcntl(fd, F_SETFD, 0);
}

const [, , command, argument] = process.argv;
if (command === 'init' && argument !== undefined) init(argument);
const engine = nodeEngine();
engine.natives.exit(main(engine, actions));
