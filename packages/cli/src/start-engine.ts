import { EngineToken, type Engine } from '@multichexnet/core';
import type { Container } from 'inversify';

/** Loads TensorFlow and binds the engine, so that whoever resolves it gets this one. Its dispose belongs to the caller. */
export async function startEngine(
  container: Container,
  precision: 'float32' | 'bfloat16' = 'float32',
): Promise<Engine> {
  quietLibrary();
  const { createEngine } = await import('@multichexnet/engine');
  const engine = await createEngine({ precision });
  container.bind(EngineToken).toConstantValue(engine);
  return engine;
}

/** The library's own log lines are for its developers; errors still come. Must be said before the library is loaded. */
export function quietLibrary(): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
}
