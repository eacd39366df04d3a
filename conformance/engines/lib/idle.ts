/** Does nothing until it is told to end. */
export const idleScript = (status: number): string =>
  `trap "exit ${status}" TERM; touch /tmp/listens; while :; do sleep 0.05; done`;

/** In the same container: ends when that one would hear a signal. */
export const untilItListens = ['sh', '-c', 'until test -e /tmp/listens; do usleep 10000; done'];
