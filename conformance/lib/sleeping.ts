import type { Box } from './box.js';
import type { Container, Prepare } from './container.js';

/** A container that does nothing until it is killed. */
export async function sleeping(box: Box, prepare: Prepare = () => {}): Promise<Container> {
  const container = box.container((config, paths) => {
    config.process.args = ['sleep', '1000'];
    prepare(config, paths);
  });
  await container.started();
  return container;
}
