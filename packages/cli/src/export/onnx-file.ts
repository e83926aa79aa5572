import { createInference, isMultichexnetError, MEDICAL_NOTE, type SampleOutputs } from '@multichexnet/core';
import {
  createOnnxInference,
  encodeModel,
  loadOnnxRuntime,
  networkModel,
  OnnxError,
  outputNames,
  type OnnxModel,
  type OnnxRuntime,
} from '@multichexnet/onnx';
import { PRODUCER } from '../version.js';
import type { ExportedFile, ExportRequest } from './export-request.js';

/** Images in one run of the check: more than one, so that a batch is checked as well. */
const BATCH = 4;
/** More than rounding makes of an output. */
const MIXED = 1e-2;

/**
 * The network as an ONNX file, run beside the network itself where ONNX Runtime is installed.
 *
 * @throws OnnxError ONNX_UNSUPPORTED_OP, ONNX_DIFFERENT, ONNX_RUNTIME_FAILED
 */
export async function exportOnnx(request: ExportRequest): Promise<ExportedFile> {
  const runtime = await runtimeIfInstalled(request);
  const model = await modelOf(request);
  const bytes = encodeModel(model, PRODUCER);
  const checked = runtime === undefined ? undefined : await check(request, model, bytes, runtime);
  const [input] = model.inputs;
  return {
    bytes,
    version: `opset ${model.opset}`,
    input: { name: input?.name ?? '', shape: input?.dims ?? [] },
    outputs: model.outputs.map(({ name, dims }, i) => ({
      name,
      shape: dims,
      ...(checked === undefined ? {} : { difference: checked.differences[i] as number }),
    })),
    ...(checked === undefined ? {} : { checked: checked.how }),
  };
}

async function runtimeIfInstalled({ logger }: ExportRequest): Promise<OnnxRuntime | undefined> {
  try {
    return await loadOnnxRuntime();
  } catch (error) {
    if (!isMultichexnetError(error) || error.code !== 'ONNX_RUNTIME_MISSING') throw error;
    logger.warn(`the file is not checked: ${error.message}`);
    return undefined;
  }
}

/** For batches of any size, or of one image where the network does not treat the images of a batch alike. */
async function modelOf(request: ExportRequest): Promise<OnnxModel> {
  const { engine, pool, heads, metadata, logger } = request;
  const network = { engine, encoder: pool.encoder, heads, metadata, documentation: MEDICAL_NOTE };
  const ofOne = (why: string): OnnxModel => {
    logger.warn(`the file takes one image at a time: ${why}`);
    return networkModel({ ...network, batch: 1 });
  };
  if (await mixesImages(request)) return ofOne("what comes out for an image depends on the batch's others");
  try {
    return networkModel(network);
  } catch (error) {
    if (!(error instanceof OnnxError) || error.code !== 'ONNX_BATCH') throw error;
    return ofOne(error.message);
  }
}

/** Whether images that are computed together come out otherwise than alone. */
async function mixesImages({ engine, pool, heads, samples: { images } }: ExportRequest): Promise<boolean> {
  const [together, alone] = [BATCH, 1].map((size) => createInference(engine, pool.encoder, heads, size));
  try {
    const [some, each] = [await together!.run(images), await alone!.run(images)];
    return largestDifferences(each, some).some((difference) => difference > MIXED);
  } finally {
    together?.dispose();
    alone?.dispose();
  }
}

interface Checked {
  /** Of each output, largest over images and values. */
  readonly differences: readonly number[];
  readonly how: string;
}

async function check(
  { engine, pool, heads, tolerance, samples: { images, what } }: ExportRequest,
  { inputs: [input] }: OnnxModel,
  bytes: Uint8Array,
  runtime: OnnxRuntime,
): Promise<Checked> {
  const batchSize = typeof input?.dims[0] === 'number' ? input.dims[0] : BATCH;
  const theirs = createOnnxInference(await runtime.open(bytes), heads, { batchSize });
  const ours = createInference(engine, pool.encoder, heads, batchSize);
  try {
    const [wanted, got] = [await ours.run(images), await theirs.run(images)];
    const names = outputNames(heads);
    const broken = wanted.findIndex((image) => Object.values(image).flat().some(isNoNumber));
    if (broken >= 0)
      throw new OnnxError(
        'ONNX_DIFFERENT',
        `the network's outputs are no numbers for image ${broken + 1} of ${what}: its weights are broken, and nothing was written`,
      );
    const differences = largestDifferences(wanted, got);
    const worst = differences.findIndex((difference) => !(difference <= tolerance));
    if (worst >= 0)
      throw new OnnxError(
        'ONNX_DIFFERENT',
        `the file's output ${names[worst]} differs from the network's by ${differences[worst]?.toExponential(1)} on ${what}, more than ${tolerance}; nothing was written. Allow more with --tolerance, or report this network as a defect`,
      );
    return { differences, how: `ONNX Runtime ${runtime.version} on ${what}` };
  } finally {
    ours.dispose();
    theirs.dispose();
  }
}

const isNoNumber = (value: number | Float32Array): boolean =>
  typeof value === 'number' ? !Number.isFinite(value) : !value.every(Number.isFinite);

/** Output by output, over all images; NaN in one alone is infinitely far. */
export function largestDifferences(wanted: readonly SampleOutputs[], got: readonly SampleOutputs[]): number[] {
  const flat = (outputs: SampleOutputs): Float32Array[] =>
    Object.values(outputs).flatMap((head) =>
      head.map((value) => (typeof value === 'number' ? Float32Array.of(value) : value)),
    );
  const differences = flat(wanted[0] ?? {}).map(() => 0);
  wanted.forEach((outputs, image) => {
    const others = flat(got[image] ?? {});
    flat(outputs).forEach((values, i) => {
      const other = others[i];
      if (other?.length !== values.length) differences[i] = Infinity;
      else
        values.forEach(
          (value, k) => (differences[i] = Math.max(differences[i] as number, apart(value, other[k] as number))),
        );
    });
  });
  return differences;
}

function apart(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Infinity : difference;
}
