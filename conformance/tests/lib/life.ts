import type { Container } from '../../lib/container.js';
import { succeeds, type Trial } from '../../runner/trial.js';
import { becomes } from './view.js';

/** Ways to a container of some bundle in a state of runtime.md, "Lifecycle". */
export function livesOf(bundleFor: (trial: Trial) => Container) {
  async function created(trial: Trial): Promise<Container> {
    const container = bundleFor(trial);
    await succeeds(container.create());
    return container;
  }

  async function started(trial: Trial): Promise<Container> {
    const container = await created(trial);
    await succeeds(container.start());
    await trial.firstReport(container);
    return container;
  }

  async function stopped(trial: Trial): Promise<Container> {
    const container = await started(trial);
    await succeeds(container.kill('KILL'));
    await becomes(trial, container, 'stopped');
    return container;
  }

  return { created, started, stopped };
}
