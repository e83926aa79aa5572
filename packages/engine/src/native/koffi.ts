import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

// koffi's ES module entry has no named exports that Node 20 sees; its CommonJS entry is the same library.
export const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
