/** What is answered before there is anything to act on: help, version, complaints about argv. */
import { asRuntimeError, type RuntimeError } from '../errors/error.js';
import type { Engine } from '../host/engine.js';
import type { CommandRow } from './command.js';
import type * as HelpChunk from './help.js';
import { checkCount, type Parsed } from './parse.js';
import { findCommand, rows } from './rows.js';
import { print, STDERR, STDOUT } from './streams.js';
import { versionText } from './version.js';

export const helpChunk = (engine: Engine): typeof HelpChunk =>
  engine.chunk('help') as typeof HelpChunk;

const helpText = (engine: Engine, command: CommandRow | undefined): string =>
  command === undefined ? helpChunk(engine).programHelp() : helpChunk(engine).commandHelp(command);

/** The help or the version, if that is all that is asked for. */
export function textWanted(engine: Engine, parsed: Parsed): string | undefined {
  const { globals, command, word, problem } = parsed;
  if (problem !== undefined) return undefined;
  if (globals.help === true) return helpText(engine, command);
  if (globals.version === true) return versionText(engine);
  const topic = command === rows.help ? topicOf(parsed) : word;
  if (topic === undefined) return helpText(engine, undefined);
  return command === rows.help && findCommand(topic)
    ? helpText(engine, findCommand(topic))
    : undefined;
}

/** A word where a command's name should stand. */
export function unknownWord(parsed: Parsed): string | undefined {
  if (parsed.problem !== undefined) return undefined;
  const topic = parsed.command === rows.help ? topicOf(parsed) : parsed.word;
  return topic === undefined || findCommand(topic) ? undefined : topic;
}

const topicOf = ({ positionals }: Parsed): string | undefined => positionals[0] || undefined;

/** Throws for an argv that makes no sense, after what runc prints about it. */
export function checkUsage(engine: Engine, { problem, command, positionals }: Parsed): CommandRow {
  if (problem !== undefined || command === undefined) {
    throw explain(engine, command, problem ?? asRuntimeError('no command'));
  }
  try {
    checkCount(engine.program, command, positionals.length);
  } catch (thrown) {
    print(engine, STDOUT, `Incorrect Usage.\n\n${helpText(engine, command)}`);
    throw thrown;
  }
  return command;
}

function explain(
  engine: Engine,
  command: CommandRow | undefined,
  problem: RuntimeError,
): RuntimeError {
  print(engine, STDERR, `Incorrect Usage: ${problem.message}\n`);
  print(engine, STDOUT, helpText(engine, command));
  return problem;
}
