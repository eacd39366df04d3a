import { expect } from 'vitest';
import { suite } from '../lib/suite.js';

suite('life of a container', ({ it }) => {
  it('is created, started, ends and is deleted', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'echo hello'];
    });
    const pid = await container.created();
    expect(await container.query()).toMatchObject({ status: 'created', pid });
    expect(container.output()).toBe('');
    expect(await container.start()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    await container.ended();
    expect(container.output()).toBe('hello\n');
    expect(await container.query()).toMatchObject({ status: 'stopped', pid: 0 });
    expect(await container.delete()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(box.leftovers()).toEqual([]);
  });
});
