import { annotation } from '../annotations.js';
import { fine, type Rule, wrong } from './rule.js';

/** mount(8), "SELinux context": whatever else it were, a file system would not know it. */
export const mountContexts: readonly string[] = [
  'context',
  'fscontext',
  'defcontext',
  'rootcontext',
];

const mountContext: Rule = ({ annotations }) => {
  const value = annotations?.[annotation.mountContext] ?? '';
  if (value === '' || mountContexts.includes(value)) return fine;
  const at = `/annotations/${annotation.mountContext}`;
  return wrong(at, value, mountContexts.join(', '), 'config-linux.md#mount-label');
};

export const annotationRules: readonly Rule[] = [mountContext];
