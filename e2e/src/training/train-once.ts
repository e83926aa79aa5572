import { createEngine } from '@multichexnet/engine';
import { runTiny, type Words } from './tiny-run.js';

/** One run in a process of its own, for `two-processes.test.ts`. */
export async function trainOnce(protocol: Words, out: string): Promise<void> {
  const engine = await createEngine();
  try {
    await runTiny(engine, protocol, out);
  } finally {
    engine.dispose();
  }
}
