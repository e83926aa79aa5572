import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      'packages/*/vitest.config.ts',
      'packages/datasets/*/vitest.config.ts',
      '{tools,e2e,examples}/vitest.config.ts',
    ],
    maxWorkers: 2,
    fileParallelism: true,
  },
});
