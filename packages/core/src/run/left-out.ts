import { joinLeftOut, type LeftOutFile } from '../data/image-services.js';
import type { RunStore } from './run-store.js';

/** Those of the processes before this one, too: what they finished is not read again. */
export async function rememberLeftOut(store: RunStore, files: readonly LeftOutFile[]): Promise<readonly LeftOutFile[]> {
  const earlier = (await store.readJson<readonly LeftOutFile[]>('left-out.json')) ?? [];
  const all = joinLeftOut([earlier, files]);
  if (all.length > 0) await store.writeJson(all, 'left-out.json');
  return all;
}
