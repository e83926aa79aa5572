import { packageTests } from '../../vitest.shared.ts';

export default packageTests('head-age', { include: ['*.test.ts'] });
