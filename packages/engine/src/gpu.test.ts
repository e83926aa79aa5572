import { expect, test } from 'vitest';
import { assertGpu, createEngine } from './create-engine.js';
import { findLibrary } from './library/find-library.js';

test('a machine without a GPU is told so, with what to look at', async () => {
  expect(() => assertGpu(['CPU', 'GPU'], '/lib')).not.toThrow();
  const { directory } = findLibrary();
  await expect(createEngine({ device: 'gpu', library: directory })).rejects.toMatchObject({
    code: 'ENGINE_NO_GPU',
    message: expect.stringMatching(/nvidia-smi.*setup --gpu/s) as string,
  });
  // The runtime is given back: another engine with other options can start.
  (await createEngine()).dispose();
});
