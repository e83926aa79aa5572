import { packageTests } from '../vitest.shared.ts';

export default packageTests('e2e', {
  include: ['*.test.ts', 'src/**/*.test.ts'],
  globalSetup: ['./global-setup.ts'],
  testTimeout: 300_000,
  hookTimeout: 300_000,
});
