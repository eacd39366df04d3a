import { badValue } from '../../errors/catalog.js';
import { RuntimeError } from '../../errors/error.js';
import { execInContainer } from '../../runtime/exec.js';
import type { ProcessChanges } from '../../runtime/exec-process.js';
import { action, type Input } from '../command.js';
import { absolute } from '../paths.js';
import { rows } from '../rows.js';

type ExecInput = Input<typeof rows.exec>;

/** Names mean nothing here: whose /etc/passwd should tell? (CVE-2026-30892: and never fall back to 0.) */
function id(what: 'uid' | 'gid', text: string): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (number >= 0 && number < 0xffffffff) return number;
  const shown = JSON.stringify(text);
  throw new RuntimeError('usage', `bad ${what}: strconv.Atoi: parsing ${shown}: invalid syntax`, {
    hint: 'users and groups are numbers',
  });
}

function user(text: string): NonNullable<ProcessChanges['user']> {
  const [uid = '', gid, ...rest] = text.split(':');
  if (rest.length > 0) throw badValue('user', text, 'UID or UID:GID');
  return { uid: id('uid', uid), ...(gid !== undefined && { gid: id('gid', gid) }) };
}

const changes = (input: ExecInput): ProcessChanges => ({
  args: input.args,
  ...(input.env && { env: input.env }),
  ...(input.cwd && { cwd: input.cwd }),
  ...(input.user !== undefined && { user: user(input.user) }),
  ...(input.additionalGids && {
    additionalGids: input.additionalGids.map((text) => id('gid', text)),
  }),
  ...(input.cap && { capabilities: input.cap }),
  ...(input.apparmor && { apparmorProfile: input.apparmor }),
  ...(input.processLabel && { selinuxLabel: input.processLabel }),
  ...(input.tty !== undefined && { terminal: input.tty }),
  ...(input.noNewPrivs !== undefined && { noNewPrivileges: input.noNewPrivs }),
});

export const exec = action(rows.exec, (context, input) =>
  execInContainer(context, {
    id: input.id,
    process: input.process ? absolute(context, input.process) : changes(input),
    ...(input.pidFile && { pidFile: absolute(context, input.pidFile) }),
    ...(input.consoleSocket && { consoleSocket: absolute(context, input.consoleSocket) }),
    ...(input.pidfdSocket && { pidfdSocket: absolute(context, input.pidfdSocket) }),
    detach: input.detach ?? false,
    preserveFds: input.preserveFds ?? 0,
    cgroups: input.cgroup ?? [],
    ignorePaused: input.ignorePaused ?? false,
  }),
);
