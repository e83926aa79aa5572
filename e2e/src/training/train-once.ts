import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '@multichexnet/engine';
import { runTiny, stepLogger, type Words } from './tiny-run.js';

/** One run, or the rest of one, in a process of its own; says every step on stdout. */
export async function trainOnce(protocol: Words, out: string): Promise<void> {
  const engine = await createEngine();
  try {
    const logger = stepLogger((phase, done) => process.stdout.write(`${phase} ${done}\n`));
    await runTiny(engine, protocol, out, { logger, resume: existsSync(join(out, 'config.json')) });
  } finally {
    engine.dispose();
  }
}
