import { expect, test } from 'vitest';
import { errno } from '../linux/errno.js';
import * as catalog from './catalog.js';
import { renderError } from './render.js';

const id = 'web';

test.each([
  [catalog.alreadyExists(id), 'container with given ID already exists: web'],
  [catalog.badFlagSyntax('---x'), 'bad flag syntax: ---x'],
  [catalog.badLogFormat('xml'), 'invalid log-format: xml'],
  [catalog.badRoot(), 'Option --root argument should not be set to /'],
  [
    catalog.badValue('debug', 'maybe', 'true or false'),
    'invalid value "maybe" for flag -debug: must be true or false',
  ],
  [catalog.cannotDelete(id, 'running'), 'cannot delete container web that is not stopped: running'],
  [catalog.cannotSignal(errno.EINVAL), 'unable to signal init: invalid argument'],
  [catalog.cannotSignal(errno.EPERM), 'unable to signal init: pidfd_send_signal(): EPERM'],
  [catalog.cgroupFrozen('/a'), /^container's cgroup unexpectedly frozen: \/a \(hint: /],
  [
    catalog.cgroupNotEmpty('/a', 2),
    /^container's cgroup is not empty: 2 process\(es\) found: \/a /,
  ],
  [
    catalog.commandMissing('/bin/nope'),
    'exec: "/bin/nope": stat /bin/nope: no such file or directory',
  ],
  [catalog.commandNotExecutable('/x', null), 'exec: "/x": permission denied'],
  [catalog.commandNotExecutable('/x', 'it is bad'), 'exec: "/x": permission denied: it is bad'],
  [catalog.configExists(), 'File config.json exists. Remove it first'],
  [catalog.configMissing('/b'), /^JSON specification file config.json not found \(hint: /],
  [catalog.deletedWhileCreated(id), 'container was deleted while it was created: web'],
  [catalog.doesNotExist(id), 'container does not exist: web'],
  [catalog.emptyId(), 'container id cannot be empty'],
  [catalog.executableNotFound('nope'), 'exec: "nope": executable file not found in $PATH'],
  [catalog.flagNeedsArgument('--x'), 'flag needs an argument: --x'],
  [catalog.initStillRunning(id), 'container init still running: web'],
  [catalog.invalidId('../x'), /^invalid container ID format: "..\/x" \(hint: /],
  [catalog.isADirectory('/etc'), 'exec: "/etc": is a directory: permission denied'],
  [
    catalog.noConsoleSocket(),
    /^cannot allocate tty if runc will detach without setting console socket \(hint: /,
  ],
  [catalog.noHelpTopic('foo'), "No help topic for 'foo'"],
  [catalog.noHelpTopic('stat', 'start'), "No help topic for 'stat' (hint: did you mean start?)"],
  [
    catalog.notADirectory('/etc/passwd/x'),
    'exec: "/etc/passwd/x": stat /etc/passwd/x: not a directory',
  ],
  [catalog.notPaused(id), 'container not paused: web'],
  [catalog.notRunning(id), 'container not running: web'],
  [catalog.notRunningWithId(id), 'container with id web is not running'],
  [catalog.notSupported('--criu'), '--criu is not supported yet'],
  [catalog.oomKilled(''), 'container init was OOM-killed (memory limit too low?)'],
  [
    catalog.oomKilled('limit 4096, peak 4096 bytes'),
    'container init was OOM-killed (memory limit too low?): limit 4096, peak 4096 bytes',
  ],
  [
    catalog.execDied(catalog.oomKilled('limit 4096, peak 4096 bytes')),
    'the process was killed, possibly for want of memory: limit 4096, peak 4096 bytes',
  ],
  [catalog.preservedFdClosed(4, 2), 'unable to stat preserved-fd 4 (of 2)'],
  [catalog.startPaused(id), 'cannot start a container in the paused state: web'],
  [catalog.startRunning(id), 'cannot start an already running container: web'],
  [catalog.startStopped(id), 'cannot start a container that has stopped: web'],
  [catalog.undefinedFlag('x'), 'flag provided but not defined: -x'],
  [catalog.unknownFormat(), 'invalid format option (hint: use table or json)'],
  [
    catalog.uselessConsoleSocket(),
    /^cannot use console socket if runc will not detach or allocate tty \(hint: /,
  ],
  [
    catalog.workingDirectoryMissing('/x', 'not a directory'),
    'chdir to cwd ("/x") set in config.json failed: not a directory',
  ],
  [
    catalog.wrongCount('runts', 'create', 'exactly', 1),
    'runts: "create" requires exactly 1 argument(s)',
  ],
])('failure %# has the words that callers search for', (error, text) => {
  const shown = renderError(error);
  if (typeof text === 'string') expect(shown).toBe(text);
  else expect(shown).toMatch(text);
});

test('every constructor of the catalog is tested above, and they are sorted', () => {
  const names = Object.keys(catalog);
  expect(names).toEqual([...names].sort());
  expect(names.length).toBe(42);
});
