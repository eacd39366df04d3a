/** From argv to the exit status; the only place that reports errors. */
import { noHelpTopic } from '../errors/catalog.js';
import { asRuntimeError, during } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { Engine } from '../host/engine.js';
import { createHost, tracedHost } from '../host/host.js';
import type { Logger } from '../log/logger.js';
import type { RuntimeContext } from '../runtime/context.js';
import type { Actions, CommandRow, Values } from './command.js';
import { checkId } from './container-id.js';
import { openLog } from './log.js';
import { globalOptions } from './options.js';
import { type Parsed, parse } from './parse.js';
import { chooseRoot } from './root.js';
import { findCommand } from './rows.js';
import { cgroupManager, logSettings, resctrlRoot, rootless } from './settings.js';
import { openClosedStreams, print, STDOUT } from './streams.js';
import { checkUsage, helpChunk, textWanted, unknownWord } from './usage.js';

const FAILURE = 1;
const UNKNOWN_COMMAND = 3;

export function main(engine: Engine, actions: Actions): number {
  openClosedStreams(engine);
  const parsed = parse(engine.argv, globalOptions, findCommand);
  let log = openLog(engine, logSettings({}));
  // A wrong command line is no failure of the command: it ends with 1, that of exec too.
  let command: CommandRow | undefined;
  try {
    const text = textWanted(engine, parsed);
    if (text !== undefined) {
      print(engine, STDOUT, text);
      return 0;
    }
    log = openLog(engine, logSettings(parsed.globals));
    command = checkedCommand(engine, parsed);
    return perform(engine, actions, parsed, log.logger, command);
  } catch (thrown) {
    log.fail(renderError(asRuntimeError(thrown)));
    return unknownWord(parsed) === undefined ? (command?.failure ?? FAILURE) : UNKNOWN_COMMAND;
  }
}

function checkedCommand(engine: Engine, parsed: Parsed): CommandRow {
  const unknown = unknownWord(parsed);
  if (unknown !== undefined) throw noHelpTopic(unknown, helpChunk(engine).similarCommand(unknown));
  return checkUsage(engine, parsed);
}

function perform(
  engine: Engine,
  actions: Actions,
  parsed: Parsed,
  log: Logger,
  command: CommandRow,
): number {
  const act = actions[command.name];
  if (act === undefined) throw new Error(`no action for ${command.name}`);
  const run = () =>
    act(openContext(engine, parsed, log, command), checkedInput(command, parsed)) ?? 0;
  return command.prefix === undefined ? run() : during(command.prefix, run);
}

function openContext(
  engine: Engine,
  { globals }: Parsed,
  log: Logger,
  { stateless }: CommandRow,
): RuntimeContext {
  const host = log.debugging ? tracedHost(engine, (line) => log.debug(line)) : createHost(engine);
  const given = text(globals.root);
  const resctrl = resctrlRoot(text(globals.resctrl));
  const { root, rootGiven } = stateless
    ? { root: '', rootGiven: false }
    : chooseRoot({ host, log }, given);
  return {
    host,
    log,
    root,
    rootGiven,
    cgroupManager: cgroupManager(globals),
    rootless: rootless(text(globals.rootless)),
    ...(resctrl !== undefined && { resctrl }),
  };
}

/** The values of the options, and the arguments by their names. */
function checkedInput(command: CommandRow, { values, positionals }: Parsed): Values {
  const input = { ...values };
  command.arguments.forEach((argument, i) => {
    if (argument.rest === true) {
      input[argument.name] = positionals.slice(i);
      return;
    }
    const value = positionals[i] ?? argument.fallback ?? '';
    if (argument.name === 'id') checkId(value);
    input[argument.name] = value;
  });
  return input;
}

const text = (value: Values[string] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
