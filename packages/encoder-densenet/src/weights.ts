import { decodeSafetensors, type FeaturePyramid, type NamedTensor } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { EncoderError } from './errors.js';
import { modernTorchKey, torchName } from './torch-names.js';

/** What an import did; every weight of the encoder is in `matched`, else it throws. */
export interface ImportReport {
  readonly convention: 'keras' | 'torch';
  /** Our weight names. */
  readonly matched: readonly string[];
  /** Names in the file that the encoder has no place for: the classifier, step counters. */
  readonly unused: readonly string[];
}

/** Names that an encoder may leave in the file without anything being lost. */
const NOT_OURS = /num_batches_tracked$|^classifier\.|\.classifier\.|^(predictions|fc1000)\/|^op_threshs$|^(head|fc)\./;

/** Finds out before anything is built that a file of weights is not there. @throws {EncoderError} ENCODER_WEIGHTS_FILE */
export function assertReadable(file: string): void {
  try {
    closeSync(openSync(file, 'r'));
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/**
 * Reads a safetensors file into the layers of a built encoder.
 *
 * @throws {EncoderError} ENCODER_WEIGHTS_FILE (unreadable), and those of {@link importWeights}; MultichexnetError WEIGHTS_CORRUPT
 */
export function loadWeights(pyramid: FeaturePyramid, file: string): ImportReport {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
  return importWeights(pyramid, decodeSafetensors(bytes, file).tensors, file);
}

function unreadable(file: string, cause: unknown): EncoderError {
  return new EncoderError(
    'ENCODER_WEIGHTS_FILE',
    `weights file "${file}" cannot be read: ${String(cause)}`,
    { file, path: 'model.encoder.weights' },
    { cause },
  );
}

/**
 * Copies tensors into an encoder by name: Keras' names (`conv1_conv/kernel`, also the old `conv1/conv/kernel`) or torchvision's and timm's. Strict: a weight
 * that the file lacks, a name that nobody expects or another shape is an error, and then nothing is written. A stem kernel of three input channels is
 * summed over them for a one-channel encoder (equal for grey images), and a one-channel kernel spread over three.
 *
 * @throws {EncoderError} ENCODER_WEIGHTS_MISSING, ENCODER_WEIGHTS_UNEXPECTED, ENCODER_WEIGHTS_SHAPE
 */
export function importWeights(
  pyramid: FeaturePyramid,
  tensors: Readonly<Record<string, NamedTensor>>,
  file = 'weights',
): ImportReport {
  const variables = encoderVariables(pyramid);
  const byKey = new Map<string, [original: string, tensor: NamedTensor]>();
  const torch = Object.keys(tensors).some((key) => modernTorchKey(key).startsWith('features.'));
  for (const [key, tensor] of Object.entries(tensors))
    byKey.set(torch ? modernTorchKey(key) : modernKerasKey(key), [key, tensor]);

  const used = new Set<string>();
  const missing: string[] = [];
  const writes: [tf.Variable, Float32Array][] = [];
  for (const [name, variable] of variables) {
    const foreign = torch ? torchName(name) : ({ name, layout: 'same' } as const);
    const found = foreign === undefined ? undefined : byKey.get(foreign.name);
    if (found === undefined) {
      missing.push(foreign?.name ?? name);
      continue;
    }
    const [original, tensor] = found;
    used.add(original);
    const value = foreign?.layout === 'oihw' ? toHwio(tensor, original, file) : tensor;
    writes.push([variable, fitShape(value, variable.shape, original, file)]);
  }
  const unused = Object.keys(tensors).filter((key) => !used.has(key));
  const unexpected = unused.filter((key) => !NOT_OURS.test(key));
  if (missing.length > 0) {
    throw new EncoderError(
      'ENCODER_WEIGHTS_MISSING',
      `${file} lacks ${missing.length} of ${variables.size} weights: ${some(missing)}${unexpected.length > 0 ? `; it has ${some(unexpected)} instead` : ''}. Is it of another depth?`,
      { file, path: 'model.encoder.weights' },
    );
  }
  if (unexpected.length > 0) {
    throw new EncoderError(
      'ENCODER_WEIGHTS_UNEXPECTED',
      `${file} has ${unexpected.length} weights that this encoder has no place for: ${some(unexpected)}. Is it of another depth?`,
      {
        file,
        path: 'model.encoder.weights',
      },
    );
  }
  for (const [variable, data] of writes) tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
  return { convention: torch ? 'torch' : 'keras', matched: [...variables.keys()], unused };
}

/** Variables of all layers between the image and the deepest level, by name. */
function encoderVariables({ levels, input }: FeaturePyramid): Map<string, tf.Variable> {
  const model = tf.model({ inputs: input, outputs: levels.map(({ tensor }) => tensor) });
  return new Map(model.weights.map((weight) => [weight.originalName, weight.read() as tf.Variable]));
}

/** `conv1/conv/kernel:0` of keras-applications -> `conv1_conv/kernel`. */
function modernKerasKey(key: string): string {
  return key.replace(/:0$/, '').replace(/^conv1\/(conv|bn)\//, 'conv1_$1/');
}

/** [out, in, h, w] -> [h, w, in, out]. */
function toHwio({ shape, data }: NamedTensor, name: string, file: string): NamedTensor {
  if (shape.length !== 4) throw wrongShape(name, shape, 'four axes [out, in, h, w]', file);
  const [o, i, h, w] = shape as [number, number, number, number];
  const turned = new Float32Array(data.length);
  for (let a = 0; a < o; a++)
    for (let b = 0; b < i; b++)
      for (let p = 0; p < h * w; p++) turned[(p * i + b) * o + a] = data[(a * i + b) * h * w + p]!;
  return { shape: [h, w, i, o], data: turned };
}

function fitShape({ shape, data }: NamedTensor, wanted: readonly number[], name: string, file: string): Float32Array {
  if (shape.join() === wanted.join()) return data;
  const [h, w, inputs, outputs] = shape as [number, number, number, number];
  const positions = h * w;
  if (wanted.length === 4 && wanted[2] === 1 && inputs === 3 && [h, w, 1, outputs].join() === wanted.join()) {
    const summed = new Float32Array(positions * outputs);
    for (let p = 0; p < positions; p++)
      for (let c = 0; c < 3; c++)
        for (let o = 0; o < outputs; o++) summed[p * outputs + o]! += data[(p * 3 + c) * outputs + o]!;
    return summed;
  }
  if (wanted.length === 4 && wanted[2] === 3 && inputs === 1 && [h, w, 3, outputs].join() === wanted.join()) {
    const spread = new Float32Array(positions * 3 * outputs);
    for (let p = 0; p < positions; p++)
      for (let c = 0; c < 3; c++)
        for (let o = 0; o < outputs; o++) spread[(p * 3 + c) * outputs + o] = data[p * outputs + o]! / 3;
    return spread;
  }
  throw wrongShape(name, shape, `[${wanted.join(', ')}]`, file);
}

function wrongShape(name: string, shape: readonly number[], wanted: string, file: string): EncoderError {
  return new EncoderError(
    'ENCODER_WEIGHTS_SHAPE',
    `"${name}" in ${file} has shape [${shape.join(', ')}] where the encoder wants ${wanted}`,
    { file, path: 'model.encoder.weights' },
  );
}

function some(names: readonly string[]): string {
  return (
    names
      .slice(0, 4)
      .map((name) => `"${name}"`)
      .join(', ') + (names.length > 4 ? `, and ${names.length - 4} more` : '')
  );
}
