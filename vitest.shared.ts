import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The one vitest configuration; each package's `vitest.config.ts` calls it, so that tests read sources, never stale builds. */
export function packageTests(name: string, overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  const conditions = ['@multichexnet/source', 'module', 'node', 'development|production'];
  return defineConfig({
    cacheDir: `${import.meta.dirname}/node_modules/.vite/${name}`,
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: ['@multichexnet/source'] } },
    test: {
      name,
      environment: 'node',
      include: ['src/**/*.test.ts'],
      testTimeout: 60_000,
      hookTimeout: 120_000,
      pool: 'forks',
      coverage: { reportsDirectory: './coverage' },
      ...overrides,
    },
  });
}
