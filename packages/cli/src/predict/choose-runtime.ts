import type { Engine, Precision } from '@multichexnet/core';
import { availableParallelism } from 'node:os';
import { CliError } from '../errors.js';
import type { NetworkRuntime } from './load-network.js';

export type RuntimeName = 'tensorflow' | 'onnxruntime';

const NAMES: readonly RuntimeName[] = ['tensorflow', 'onnxruntime'];

export interface RuntimeChoice {
  readonly device: 'cpu' | 'gpu';
  readonly precision: Precision;
  /** Whether heat maps are asked for. */
  readonly cam: boolean;
}

/**
 * Value of `--runtime`, which goes with what else is asked for.
 * @throws CliError CLI_OPTION_VALUE
 */
export function parseRuntime(text: string | undefined, { device, precision, cam }: RuntimeChoice): RuntimeName {
  const name = NAMES.find((candidate) => candidate === (text ?? 'tensorflow'));
  if (name === undefined)
    throw new CliError('CLI_OPTION_VALUE', `--runtime wants ${NAMES.join(' or ')}, got "${text}"`);
  if (name === 'tensorflow') return name;
  const refuse = (option: string, why: string): CliError =>
    new CliError(
      'CLI_OPTION_VALUE',
      `--runtime onnxruntime does not go with ${option}: ${why}; leave out one of the two`,
    );
  if (device === 'gpu') throw refuse('--device gpu', 'it runs on the CPU');
  if (precision !== 'float32') throw refuse(`--precision ${precision}`, 'it computes in float32');
  if (cam) throw refuse('--cam', 'heat maps need gradients');
  return name;
}

/** What puts ONNX Runtime to work for an engine's networks. */
export type OnnxNetworks = (engine: Engine) => NetworkRuntime;

/**
 * Networks in ONNX Runtime, on all cores: the engine records each once, and is done. Asked for before the engine is started, so that what is missing is told at
 * once.
 *
 * @throws OnnxError ONNX_RUNTIME_MISSING
 */
export async function loadOnnxNetworks(): Promise<OnnxNetworks> {
  const { loadOnnxRuntime, openNetwork } = await import('@multichexnet/onnx');
  const runtime = await loadOnnxRuntime();
  const options = { batchSize: 1, threads: availableParallelism() };
  return (engine) => ({
    detached: true,
    open: ({ pool, heads }) => openNetwork(runtime, { engine, encoder: pool.encoder, heads }, options),
  });
}
