/** runtime.md#state. `creating` lasts while `create` runs and holds the lock: nobody sees it. */
export type Status = 'created' | 'running' | 'paused' | 'stopped';

export interface Transition {
  readonly from: readonly Status[];
  readonly to: Status | null;
}

/** Which command is allowed in which status (runtime.md#operations), and what follows from it. */
export const transitions = {
  start: { from: ['created'], to: 'running' },
  kill: { from: ['created', 'running', 'paused'], to: null },
  pause: { from: ['created', 'running'], to: 'paused' },
  update: { from: ['created', 'running', 'paused'], to: null },
  resume: { from: ['paused'], to: null },
  delete: { from: ['created', 'stopped'], to: null },
  forceDelete: { from: ['created', 'running', 'paused', 'stopped'], to: null },
} as const satisfies Record<string, Transition>;

export type Operation = keyof typeof transitions;

export const allows = (operation: Operation, status: Status): boolean =>
  (transitions[operation].from as readonly Status[]).includes(status);
