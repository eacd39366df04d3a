import { type BatchStep, type CallStep, showArgument } from '../linux/batch.js';
import { type NativeRow, natives } from '../linux/natives.js';

const hex = (bytes: Uint8Array) => `<${Buffer.from(bytes).toString('hex')}>`;

const isSlot = (value: unknown): value is { slot: number } =>
  typeof value === 'object' && value !== null && 'slot' in value;

function showValue(row: NativeRow, value: unknown, index: number): string {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return JSON.stringify(value);
  if (isSlot(value)) return `$${value.slot}`;
  return showArgument(row.args[index]?.[1], value);
}

function showCall(step: CallStep): string {
  const row: NativeRow = natives[step.name];
  const args = step.args.map((value, i) => showValue(row, value, i)).join(', ');
  const saved = step.save === undefined ? '' : `$${step.save} = `;
  const tolerated = step.tolerate ? ' or go on' : '';
  const how = step.do === 'call' ? '' : `${step.do} `;
  return `${how}${saved}${row.call ?? step.name}(${args})${tolerated} # ${step.label}`;
}

/** A batch as strace would print it, with the name of each step behind it. */
export const showSteps = (steps: readonly BatchStep[]): string[] =>
  steps.map((step) => {
    if (step.do === 'ask') return `ask ${step.request}${step.tolerate ? ' or go on' : ''}`;
    if (step.do === 'clone') return `clone ${step.flags} # ${step.label}`;
    if (step.do === 'fail') return `fail with $${step.error.slot} of ${step.name} # ${step.label}`;
    if (step.do === 'run') return `run, ${step.timeout} ms # ${step.label}`;
    return step.do === 'await' ? `await ${step.listener}` : showCall(step);
  });
