/** runtime.md#state. `creating` is seen only by hooks and by `delete --force` after a crash. */
export type Status = 'creating' | 'created' | 'running' | 'paused' | 'stopped';

export interface Transition {
  readonly from: readonly Status[];
  readonly to: Status | null;
}

/** Which command is allowed in which status (runtime.md#operations), and what follows from it. */
export const transitions = {
  start: { from: ['created'], to: 'running' },
  kill: { from: ['created', 'running', 'paused'], to: null },
  delete: { from: ['created', 'stopped'], to: null },
  forceDelete: { from: ['creating', 'created', 'running', 'paused', 'stopped'], to: null },
} as const satisfies Record<string, Transition>;

export type Operation = keyof typeof transitions;

export const allows = (operation: Operation, status: Status): boolean =>
  (transitions[operation].from as readonly Status[]).includes(status);
