/** The value of an environment variable; undefined when it is unset or empty. */
export function variable(environment: readonly string[], name: string): string | undefined {
  const entry = environment.find((candidate) => candidate.startsWith(`${name}=`));
  return entry?.slice(name.length + 1) || undefined;
}
