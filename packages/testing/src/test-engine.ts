import type { Engine } from '@multichexnet/core';
import { createEngine, EngineError } from '@multichexnet/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, type TestContext } from 'vitest';

let started: Promise<Engine | undefined> | undefined;

/**
 * The engine on which the kit runs, one a process. Where TensorFlow's library is not installed the kit runs on tfjs' own `cpu` backend, and what needs the
 * engine is skipped.
 */
export function testEngine(): Promise<Engine | undefined> {
  started ??= createEngine().catch(async (error: unknown) => {
    if (
      !(error instanceof EngineError) ||
      !['ENGINE_LIBRARY_MISSING', 'ENGINE_PLATFORM_UNSUPPORTED'].includes(error.code)
    )
      throw error;
    await tf.setBackend('cpu');
    return undefined;
  });
  return started;
}

/** Makes the backend ready before the first test of the file. */
export function useTestEngine(): void {
  beforeAll(async () => {
    await testEngine();
  });
}

/** The engine, or a skipped test. */
export async function needEngine(context: TestContext): Promise<Engine> {
  const engine = await testEngine();
  if (engine === undefined) context.skip('TensorFlow’s library is not installed (multichexnet setup)');
  return engine;
}
