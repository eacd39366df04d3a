import { clausesOf } from './clause.js';

export const commands = clausesOf('commands', {
  create: {
    'create-bundle': ['MUST', 'Without --bundle the bundle is the working directory.'],
    'create-no-config': [
      'MUST',
      'A bundle without a configuration is refused with a text that names config.json.',
    ],
    'create-words': [
      'SHOULD',
      'A bundle or a process that lacks something is refused in runc’s words.',
    ],
    'create-pid-file': [
      'MUST',
      'A relative pid file is relative to the working directory of the caller, not to the bundle.',
    ],
    'create-program': ['MUST', 'A program that there is not is found out by create, not by start.'],
    'create-undone': [
      'MUST',
      'What create cannot finish it undoes: neither state nor cgroup nor process nor pid file remains.',
    ],
    'create-cgroup': ['SHOULD', 'A cgroup in which there are processes already is refused.'],
    'create-frozen': ['SHOULD', 'A cgroup that is frozen is refused.'],
    'create-flags': ['MUST', 'The switches --no-pivot and --no-new-keyring are taken and applied.'],
    'create-undisturbed': [
      'SHOULD',
      'What is asked of a container while it is being created neither keeps it from that nor harms it.',
    ],
    'create-killed-idle': [
      'MUST',
      'The program of a container whose create was killed never runs.',
    ],
    'create-killed': [
      'MUST',
      'Whatever a create that was killed has left can be deleted with --force.',
    ],
  },
  start: {
    'start-once': ['MUST', 'A container that runs, has stopped or is paused cannot be started.'],
    'start-dead': [
      'MUST',
      'The start of a container whose process has died fails and does not wait for it.',
    ],
    'start-released': [
      'MUST',
      'start returns when the process is released, and does not wait for its end.',
    ],
  },
  run: {
    'run-streams': [
      'MUST',
      'In the foreground the three standard streams pass byte by byte, and the end of the input reaches the container.',
    ],
    'run-signals': [
      'MUST',
      'In the foreground signals to the runtime are passed to the container.',
    ],
    'run-own-signals': [
      'MUST',
      'Signals about the runtime’s own children and its terminal are not passed on.',
    ],
    'run-subreaper': [
      'MUST',
      'In the foreground run adopts the orphans of the container, unless --no-subreaper is given.',
    ],
    'run-deleted': [
      'MUST',
      'After the end of a container in the foreground it is deleted, unless --keep is given.',
    ],
    'run-detached': ['MUST', 'With --detach run is create and start.'],
    'run-no-subreaper': [
      'MUST',
      '--no-subreaper is taken, with one dash too; orphans go to the caller’s subreaper then.',
    ],
  },
  kill: {
    'kill-default': ['MUST', 'Without a signal kill sends SIGTERM.'],
    'kill-names': [
      'MUST',
      'A signal is named by its number or its name, with SIG or without, in any case.',
    ],
    'kill-unknown': ['MUST', 'A signal that there is not is refused by its name.'],
    'kill-order': ['SHOULD', 'The container is looked for before the signal.'],
    'kill-zero': ['MUST', 'Signal 0 tells whether the container lives.'],
    'kill-stopped': [
      'MUST',
      'kill of a container that has stopped fails: `container not running`.',
    ],
    'kill-all-stopped': ['MUST', 'kill --all of a container that has stopped succeeds.'],
    'kill-init': ['MUST', 'A signal goes to the container’s own process alone.'],
    'kill-shared': [
      'MUST',
      'SIGKILL to a container that has no pid namespace of its own kills every process in it, also when its own process is dead.',
    ],
    'kill-paused': ['MUST', 'SIGKILL ends a paused container too.'],
  },
  delete: {
    'delete-stopped': ['MUST', 'A container that has stopped is deleted, at once after its end.'],
    'delete-created': ['MUST', 'A container that waits for its start is killed and deleted.'],
    'delete-running': [
      'MUST',
      'A container that runs or is paused is not deleted without --force.',
    ],
    'delete-missing': [
      'MUST',
      'delete of a container that there is not fails, but succeeds in silence with --force.',
    ],
    'delete-leftover': [
      'MUST',
      'delete without --force removes what is left of a container, and says that there was none.',
    ],
    'delete-force': [
      'MUST',
      'With --force a container is killed and deleted in any state, with all that it has left.',
    ],
  },
  exec: {
    'exec-process': [
      'MUST',
      '--process takes the whole process from a file, and the other options about it do not matter.',
    ],
    'exec-options': [
      'MUST',
      'Without --process the process is that of the bundle’s configuration, over which the options come.',
    ],
    'exec-users': ['MUST', 'A user is a number, with a group after a colon.'],
    'exec-created': ['MUST', 'exec works in a container that waits for its start.'],
    'exec-refused': [
      'MUST',
      'exec is refused in a container that has stopped, is paused, or is not there, and without a command.',
    ],
    'exec-paused': ['MUST', 'With --ignore-paused exec goes into a paused container.'],
    'exec-detached': [
      'MUST',
      'With --detach exec returns when the process runs, whose pid is in the pid file.',
    ],
    'exec-place': [
      'MUST',
      'The process is in the namespaces, the root file system and the cgroups of the container.',
    ],
    'exec-process-with': [
      'MUST',
      'What is not about the process goes with --process: --detach, the files and sockets, --preserve-fds, --cgroup and --ignore-paused.',
    ],
    'exec-inherited': [
      'MUST',
      'Without --process the limits, capabilities, OOM score and umask of the process are those of the bundle’s, and its terminal is not.',
    ],
    'exec-filter': ['MUST', 'The system calls of the process are filtered as the container’s.'],
    'exec-capabilities': ['MUST', '--cap adds to the bounding, effective and permitted sets.'],
    'exec-ambient': ['MUST', '--cap adds to the ambient set only what the inheritable one has.'],
    'exec-no-new-privs': ['MUST', '--no-new-privs keeps the process from gaining privileges.'],
    'exec-cgroup': [
      'MUST',
      '--cgroup puts the process into a cgroup below the container’s, and refuses one outside.',
    ],
    'exec-streams': ['MUST', 'The standard streams of exec are those of the process.'],
    'exec-signals': ['MUST', 'In the foreground signals to exec are passed to its process alone.'],
    'exec-listen-fds': ['MUST', 'exec passes no descriptors of a service manager on.'],
    'exec-label': [
      'MUST',
      '--apparmor and --process-label replace the profile of AppArmor and the label of SELinux.',
      'Each needs a security module that is active and a profile or a policy that was loaded for the test.',
    ],
  },
  ps: {
    'ps-json': [
      'MUST',
      'As JSON ps prints one array of the pids that are in the container’s cgroups, as the caller sees them.',
    ],
    'ps-table': [
      'MUST',
      'As a table ps prints the head and the lines of ps(1) for the container’s processes.',
    ],
    'ps-stopped': ['SHOULD', 'A container that has stopped has no processes, which is no failure.'],
    'ps-format': ['MUST', 'Another format is refused.'],
  },
  'pause and resume': {
    pause: ['MUST', 'A container that is paused does nothing until it is resumed.'],
    'pause-refused': [
      'MUST',
      'A container that has stopped cannot be paused, and one that is not paused cannot be resumed.',
    ],
  },
  update: {
    'update-resources': [
      'MUST',
      '--resources takes limits as JSON from a file or, for a dash, from the standard input to its end.',
    ],
    'update-absent': ['MUST', 'What an update does not name stays as it is.'],
    'update-options': ['MUST', 'Each limit has an option.'],
    'update-memory': [
      'MUST',
      'Sizes of memory may have a unit, and without a limit of memory there is none of swap.',
    ],
    'update-kernel-memory': [
      'SHOULD',
      'Limits of kernel memory, which Linux does not have any more, are taken and ignored.',
    ],
    'update-check': [
      'SHOULD',
      'With checkBeforeUpdate a limit of memory that is exceeded already is refused.',
    ],
    'update-schemas': [
      'MUST',
      '--l3-cache-schema and --mem-bw-schema change the schemas of resctrl.',
      'Each needs a processor with resctrl, and schemas that this processor takes.',
    ],
    'update-ignored': ['MUST', 'With --resources other options about limits do not matter.'],
    'update-devices': ['MUST', 'Rules of devices are never changed.'],
    'update-undone': ['SHOULD', 'If one of the limits cannot be set, none is.'],
    'update-stopped': ['MUST', 'A container that has stopped cannot be updated.'],
    'update-bad': ['MUST', 'What is no JSON, and a value that is no limit, is refused.'],
  },
  events: {
    'events-stats': ['MUST', '--stats prints one line of JSON with type, id and data, and ends.'],
    'events-data': [
      'MUST',
      'The data have the usual keys for cpu, memory, pids and blkio, with numbers that are those of the cgroups.',
    ],
    'events-keys': [
      'SHOULD',
      'The data have no other names than the usual ones, which are of text, numbers and lists as usual.',
    ],
    'events-interval': [
      'MUST',
      'Without --stats there is a line at each interval until the container has ended and is gone.',
    ],
    'events-oom': [
      'MUST',
      'events tells in one line when a process of the container is killed for want of memory.',
    ],
    'events-refused': [
      'MUST',
      'An interval of nothing or less, and a container that does not run, are refused.',
    ],
  },
  spec: {
    'spec-template': [
      'MUST',
      'spec writes a configuration into the working directory or the bundle that is named: a shell on a terminal, with the usual mounts, capabilities and namespaces.',
    ],
    'spec-values': [
      'SHOULD',
      'Of the template every value is that of runc’s: environment, limits, mount options, masked and read-only paths.',
    ],
    'spec-exists': ['MUST', 'A configuration that is there already is not replaced.'],
    'spec-rootless': [
      'MUST',
      'With --rootless the configuration has a user namespace that maps the caller to root and no network namespace, limits or mount options about ids.',
    ],
    'spec-mode': ['SHOULD', 'The configuration has the mode of any file that the caller makes.'],
    'spec-works': ['MUST', 'What spec writes can be run.'],
    'spec-layout': ['SHOULD', 'The configuration is indented by tabs.'],
  },
  features: {
    'features-json': [
      'MUST',
      'features prints one document of JSON with the versions that are understood, and nothing on the standard error, whatever the environment.',
    ],
    'features-layout': [
      'SHOULD',
      'The document is indented by four blanks and ends with a newline; mount options are sorted.',
    ],
    'features-kernel': [
      'MUST',
      'The features tell what of seccomp, AppArmor, SELinux and systemd the runtime can use.',
    ],
    'features-checkpoint': [
      'MUST',
      'A runtime that tells of checkpoints by annotation has the command, and no other does.',
    ],
    'features-keys': [
      'MUST',
      'The features have mount options and hooks, and for Linux namespaces, capabilities and cgroups; ids that are mapped for mounts are told of.',
    ],
  },
  'checkpoint and restore': {
    'checkpoint-probe': [
      'MUST',
      'checkpoint --help ends with 0 exactly if containers can be checkpointed.',
    ],
    'restore-probe': [
      'MUST',
      'If containers can be restored, restore --lsm-mount-context without a value says that the option needs an argument.',
    ],
    'checkpoint-refused': [
      'MUST',
      'Where containers cannot be checkpointed both commands fail by their names and harm nothing.',
    ],
    'checkpoint-created': ['MUST', 'A container that waits for its start cannot be checkpointed.'],
    'checkpoint-restored': [
      'MUST',
      'A container that was checkpointed and restored goes on.',
      'It needs CRIU, which works on few of the hosts that run a suite like this.',
    ],
  },
});
