import { packageTests } from '../vitest.shared.ts';

export default packageTests('tools', { include: ['*.test.ts'] });
