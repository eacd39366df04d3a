import { each, fine, isAbsolute, type Rule, wrong } from './rule.js';

const section = 'config.md#posix-platform-hooks';

/** The kinds of hooks, in the order in which they run. */
const hookKinds = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const;

const paths: Rule = ({ hooks }) =>
  hookKinds.flatMap((kind) =>
    each(hooks?.[kind], ({ path }, i) =>
      isAbsolute(path)
        ? fine
        : wrong(`/hooks/${kind}/${i}/path`, path, 'an absolute path', section),
    ),
  );

const envs: Rule = ({ hooks }) =>
  hookKinds.flatMap((kind) =>
    each(hooks?.[kind], ({ env }, i) =>
      each(env, (variable, j) =>
        variable.indexOf('=') > 0
          ? fine
          : wrong(`/hooks/${kind}/${i}/env/${j}`, variable, 'NAME=VALUE', section),
      ),
    ),
  );

export const hookRules: readonly Rule[] = [paths, envs];
