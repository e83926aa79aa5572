import {
  cropImage,
  encodeNpy,
  ImagingError,
  insideBorders,
  pixelStages,
  readDicomPixels,
  readGreyImage,
  type Box,
  type DicomHeader,
  type DicomPixels,
  type ImageFormat,
  type PixelStage,
} from '@multichexnet/imaging';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CommandContext, CommandResult } from '../command.js';
import { CliError } from '../errors.js';
import { columns } from '../output/style.js';

/** Pixels to write, and what is said of them; `tags` of a DICOM file alone. */
interface Decoded extends Pick<DicomPixels, 'data' | 'width' | 'height' | 'samples' | 'range'> {
  readonly format: ImageFormat;
  readonly tags?: Readonly<Record<string, unknown>>;
  /** What is left of the image inside its borders. */
  readonly crop?: Box;
}

export async function run({ args }: CommandContext): Promise<CommandResult> {
  const file = args.at(0);
  const stage = parseStage(args.text('stage') ?? 'display');
  const out = args.text('out');
  const cropped = args.flag('crop-borders');
  if (cropped && stage !== 'display')
    throw new CliError('CLI_OPTION_VALUE', `--crop-borders is for display values, not for --stage ${stage}`);
  const decoded = await decode(file, stage);
  const { width, height, samples, data, range, format, tags, crop } = cropped ? withoutBorders(decoded) : decoded;
  const shape = samples === 1 ? [height, width] : [height, width, samples];
  if (out !== undefined) await write(out, encodeNpy(data, shape));
  const document = {
    file,
    format,
    stage,
    shape,
    dtype: data.constructor.name.replace('Array', '').toLowerCase(),
    range,
    ...summary(data),
    ...(crop === undefined ? {} : { crop }),
    ...(tags === undefined ? {} : { tags }),
    ...(out === undefined ? {} : { out }),
  };
  return { document, text: () => describe(document).join('\n') };
}

/** A PNG or JPEG file has the stage `display` alone; at another it is refused as no DICOM file. */
async function decode(file: string, stage: PixelStage): Promise<Decoded> {
  try {
    const pixels = await readDicomPixels(file, stage);
    return { ...pixels, format: 'dicom', tags: { ...headerTags(pixels.header), ...pixels.tags } };
  } catch (error) {
    if (stage !== 'display' || !(error instanceof ImagingError) || error.code !== 'DICOM_NOT_DICOM') throw error;
    return { ...(await readGreyImage(file)), samples: 1, range: [0, 255] };
  }
}

function withoutBorders(decoded: Decoded): Decoded {
  const { width, height, data } = decoded;
  const image = { width, height, data: Uint8Array.from(data) };
  const crop = insideBorders(image);
  return { ...decoded, ...cropImage(image, crop), crop };
}

/** What makes pixels; nothing that names a person. */
function headerTags(header: DicomHeader): Record<string, unknown> {
  const { transferSyntax, modality, bodyPartExamined, viewPosition } = header;
  const { photometricInterpretation, samplesPerPixel, planarConfiguration } = header;
  const { bitsAllocated, bitsStored, highBit, pixelRepresentation } = header;
  return {
    transferSyntax: { uid: transferSyntax.uid, name: transferSyntax.name },
    modalityCode: modality,
    bodyPartExamined,
    viewPosition,
    photometricInterpretation,
    samplesPerPixel,
    planarConfiguration,
    bitsAllocated,
    bitsStored,
    highBit,
    pixelRepresentation,
  };
}

function parseStage(text: string): PixelStage {
  const stage = pixelStages.find((known) => known === text);
  if (stage === undefined)
    throw new CliError('CLI_OPTION_VALUE', `--stage ${text}; it is one of ${pixelStages.join(', ')}`);
  return stage;
}

/** @throws CliError CLI_OUT_NOT_WRITABLE */
async function write(out: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, bytes);
  } catch (error) {
    throw new CliError('CLI_OUT_NOT_WRITABLE', `pixels cannot be written to ${out}: ${(error as Error).message}`);
  }
}

function summary(data: ArrayLike<number>): { min: number; max: number; mean: number } {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  return { min, max, mean: sum / data.length };
}

function describe(document: {
  readonly stage: PixelStage;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly range: readonly [number, number];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly crop?: Box;
  readonly tags?: Readonly<Record<string, unknown>>;
  readonly out?: string;
}): string[] {
  const { stage, shape, dtype, range, min, max, mean, crop, tags = {}, out } = document;
  const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return columns([
    ['stage', stage],
    ['pixels', `${shape.join(' x ')} ${dtype}`],
    ['range', `${range[0]} .. ${range[1]}`],
    ['values', `${min} .. ${max}, mean ${Number(mean.toPrecision(6))}`],
    ...(crop === undefined ? [] : [['crop', `${crop.width} x ${crop.height} from ${crop.x}, ${crop.y}`]]),
    ...Object.entries(tags).flatMap(([name, value]) => (value === undefined ? [] : [[name, shown(value)]])),
    ...(out === undefined ? [] : [['written', out]]),
  ]);
}
