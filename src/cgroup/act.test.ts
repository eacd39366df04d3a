import { describe, expect, it } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import { factsHybrid, factsV2, mountsOf } from '../testing/cgroup-hosts.js';
import { fakeCgroups } from '../testing/fake-cgroups.js';
import { planOf } from '../testing/made-cgroups.js';
import { applyLimits, createCgroups, openEntrances } from './act.js';
import type { CgroupFacts } from './driver.js';

describe('a failure at any system call', () => {
  const resources = { memory: { limit: 4096 }, pids: { limit: 5 } };
  const mounts = (facts: CgroupFacts) => mountsOf(facts);

  it.each([
    ['hybrid', factsHybrid()],
    ['v2', factsV2()],
  ] as const)('%s: leaves nothing open and nothing behind', (_, facts) => {
    const attempt = (failing?: number) => {
      const fake = fakeCgroups({
        mounts: mounts(facts),
        ...(failing !== undefined && { failing }),
      });
      const plan = planOf(facts, '/a/b', resources);
      const steps: (() => void)[] = [];
      let failed = false;
      try {
        createCgroups(fake.context, plan, (step) => steps.unshift(step));
        using _entrances = openEntrances(fake.context, plan.record);
        applyLimits(fake.context, plan);
      } catch (thrown) {
        if (!(thrown instanceof RuntimeError)) throw thrown;
        failed = true;
      }
      const calls = fake.calls.length;
      for (const step of steps) step();
      return { calls, failed, open: fake.open(), left: fake.cgroups() };
    };
    const { calls, failed } = attempt();
    expect(failed).toBe(false);
    for (let failing = 0; failing < calls; failing++) {
      expect(attempt(failing)).toMatchObject({ open: [], left: [] });
    }
  });
});
