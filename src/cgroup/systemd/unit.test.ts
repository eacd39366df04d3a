import { describe, expect, it } from 'vitest';
import type { MethodCall } from '../../dbus/connection.js';
import type { Message } from '../../dbus/message.js';
import type { DbusValue } from '../../dbus/values.js';
import { RuntimeError } from '../../errors/error.js';
import { number } from './property.js';
import type { UnitPlan } from './types.js';
import {
  askManager,
  hearOfJobs,
  type Systemd,
  setUnitProperties,
  startUnit,
  stopUnit,
} from './unit.js';

const prefix = 'org.freedesktop.systemd1';

/** Answers to calls in their order: values, or the name of an error; and how jobs end. */
type Answer = readonly DbusValue[] | string;

interface Script {
  readonly answers?: Readonly<Record<string, readonly Answer[]>>;
  readonly results?: Readonly<Record<string, string>>;
  readonly silent?: boolean;
}

/** A systemd that does as it is told here, with the calls that it has got. */
function scripted({ answers = {}, results = {}, silent = false }: Script, peer = false) {
  const calls: MethodCall[] = [];
  const left = new Map(Object.entries(answers).map(([name, list]) => [name, [...list]]));
  const said: Answer[] = [];
  const send = (call: MethodCall) => {
    calls.push(call);
    said.push(left.get(call.member)?.shift() ?? []);
    return said.length - 1;
  };
  const reply = (serial: number, _: string, expected: readonly string[] = []) => {
    const answer = said[serial]!;
    if (typeof answer !== 'string') return answer;
    if (expected.includes(answer)) return null;
    throw new RuntimeError('host', answer);
  };
  const bus: Systemd['bus'] = {
    silent,
    send,
    reply,
    sendAlone: send,
    call: (call) => reply(send(call), call.member)!,
    awaitSignal: (what, pick) => {
      for (const [job, result] of Object.entries(results)) {
        const signal = { member: 'JobRemoved', body: [1, job, 'u', result] } as unknown as Message;
        const picked = pick(signal);
        if (picked !== undefined) return picked;
      }
      throw new RuntimeError('host', `in vain: ${what}`);
    },
  };
  const shown = () =>
    calls.map(({ member, body = [] }) => `${member} ${body.slice(0, 2).join(' ')}`.trim());
  return { systemd: { bus, peer }, calls, shown };
}

const unit: UnitPlan = {
  name: 'web.scope',
  takesProcesses: true,
  properties: [number('TasksMax', 5n)],
};

const start = (script: Script, plan = unit) => {
  const found = scripted(script);
  let begun = false;
  const act = () =>
    startUnit(found.systemd, plan, 77, () => {
      begun = true;
    });
  return { ...found, act, begun: () => begun };
};

describe('a unit is started', () => {
  it('with the process in it, and waited for', () => {
    const { act, calls, begun } = start({
      answers: { StartTransientUnit: [['/job/1']] },
      results: { '/job/9': 'failed', '/job/1': 'done' },
    });
    act();
    expect(begun()).toBe(true);
    expect(calls).toEqual([
      {
        destination: prefix,
        path: '/org/freedesktop/systemd1',
        interface: `${prefix}.Manager`,
        member: 'StartTransientUnit',
        signature: 'ssa(sv)a(sa(sv))',
        body: [
          'web.scope',
          'replace',
          [
            ['TasksMax', { signature: 't', value: 5n }],
            ['PIDs', { signature: 'au', value: [77] }],
          ],
          [],
        ],
      },
    ]);
  });

  it('without processes when it is a slice', () => {
    const { act, calls } = start(
      { answers: { StartTransientUnit: [['/job/1']] }, results: { '/job/1': 'done' } },
      { ...unit, takesProcesses: false },
    );
    act();
    expect(JSON.stringify(calls[0]?.body?.[2], (_, value) => String(value))).not.toContain('PIDs');
  });

  it('again, once, when one of that name has failed before', () => {
    const { act, shown } = start({
      answers: { StartTransientUnit: [`${prefix}.UnitExists`, ['/job/1']] },
      results: { '/job/1': 'done' },
    });
    act();
    expect(shown()).toEqual([
      'StartTransientUnit web.scope replace',
      'ResetFailedUnit web.scope',
      'StartTransientUnit web.scope replace',
    ]);
  });

  it('not when one of that name is alive; then there is nothing to undo', () => {
    const exists = `${prefix}.UnitExists`;
    const { act, begun } = start({
      answers: { StartTransientUnit: [exists, exists], ResetFailedUnit: [`${prefix}.NoSuchUnit`] },
    });
    expect(act).toThrow('systemd has a unit web.scope already');
    expect(begun()).toBe(false);
  });

  it('and forgotten when its job fails', () => {
    const { act, shown, begun } = start({
      answers: { StartTransientUnit: [['/job/1']] },
      results: { '/job/1': 'timeout' },
    });
    expect(act).toThrow('systemd could not start web.scope: the job ended as timeout');
    expect(begun()).toBe(true);
    expect(shown().at(-1)).toBe('ResetFailedUnit web.scope');
  });

  it('or not, with any other error', () => {
    const { act } = start({ answers: { StartTransientUnit: ['org.example.Refused'] } });
    expect(act).toThrow('org.example.Refused');
  });
});

describe('a unit is stopped', () => {
  it('and forgotten', () => {
    const { systemd, shown } = scripted({
      answers: { StopUnit: [['/job/2']], ResetFailedUnit: [`${prefix}.NoSuchUnit`] },
      results: { '/job/2': 'done' },
    });
    stopUnit(systemd, 'web.scope');
    expect(shown()).toEqual(['StopUnit web.scope replace', 'ResetFailedUnit web.scope']);
  });

  it('or has ended by itself', () => {
    const { systemd, shown } = scripted({ answers: { StopUnit: [`${prefix}.NoSuchUnit`] } });
    stopUnit(systemd, 'web.scope');
    expect(shown()).toEqual(['StopUnit web.scope replace']);
  });

  it('or not', () => {
    const { systemd } = scripted({
      answers: { StopUnit: [['/job/2']] },
      results: { '/job/2': 'canceled' },
    });
    expect(() => stopUnit(systemd, 'web.scope')).toThrow('could not stop web.scope');
  });

  it('by a word alone when systemd has not answered before', () => {
    const { systemd, shown } = scripted({ silent: true });
    stopUnit(systemd, 'web.scope');
    expect(shown()).toEqual(['StopUnit web.scope replace']);
  });
});

describe('systemd', () => {
  const said = (value: string) => [{ signature: 's', value }];

  it('tells its release and its cgroup', () => {
    const { systemd } = scripted({ answers: { Get: [said('v255.4-1'), said('/outer')] } });
    expect(askManager(systemd)).toEqual({ version: 255, cgroup: '/outer' });
  });

  it('has the bus tell of jobs', () => {
    const { systemd, calls } = scripted({});
    hearOfJobs(systemd);
    expect(calls).toEqual([expect.objectContaining({ member: 'AddMatch' })]);
    expect(calls[0]?.body?.[0]).toContain("member='JobRemoved'");
  });

  it('has no name, and tells by itself, where there is no bus', () => {
    const { systemd, calls } = scripted({ answers: { StopUnit: [`${prefix}.NoSuchUnit`] } }, true);
    hearOfJobs(systemd);
    stopUnit(systemd, 'web.scope');
    expect(calls).toHaveLength(1);
    expect(calls[0]).not.toHaveProperty('destination');
  });

  it('changes a unit for as long as it lives', () => {
    const { systemd, calls } = scripted({});
    setUnitProperties(systemd, 'web.scope', [number('TasksMax', 9n)]);
    expect(calls).toEqual([
      expect.objectContaining({
        member: 'SetUnitProperties',
        signature: 'sba(sv)',
        body: ['web.scope', true, [['TasksMax', { signature: 't', value: 9n }]]],
      }),
    ]);
  });
});
