import { packageTests } from '../vitest.shared.ts';

export default packageTests('examples', { include: ['*/*.test.ts'] });
