import {
  isMultichexnetError,
  openDatasets,
  prepareImage,
  silentLogger,
  type PluginRegistry,
  type PreparedImage,
  type Preprocessing,
} from '@multichexnet/core';
import { ImagingError } from '@multichexnet/imaging';
import type { OpenedRun } from '../open-run.js';

export interface SampleImages {
  readonly images: readonly PreparedImage[];
  /** `8 images of the run`, or why it is noise. */
  readonly what: string;
}

/** A handful of the run's own images, test images first; noise where its data cannot be read any more. */
export async function sampleImages(
  { protocol }: Pick<OpenedRun, 'protocol'>,
  registry: PluginRegistry,
  preprocessing: Preprocessing,
  count: number,
): Promise<SampleImages> {
  try {
    const datasets = [...(await openDatasets(protocol, registry, silentLogger)).values()];
    const each = Math.ceil(count / datasets.length);
    const samples = datasets.flatMap((dataset) =>
      [...dataset.samples].sort((a, b) => Number(b.split === 'test') - Number(a.split === 'test')).slice(0, each),
    );
    const images = await Promise.all(samples.slice(0, count).map((sample) => prepareImage(sample, preprocessing)));
    if (images.length > 0) return { images, what: `${images.length} images of the run` };
  } catch (error) {
    // Data that have moved, or broke, are no reason not to check.
    if (!isMultichexnetError(error) && !(error instanceof ImagingError)) throw error;
  }
  return { images: noise(count, preprocessing.size), what: `${count} images of noise (the run's own cannot be read)` };
}

/** Grey noise from a multiplicative generator: the same every time. */
function noise(count: number, size: number): PreparedImage[] {
  let state = 1;
  const next = (): number => (state = (state * 48271) % 2147483647);
  return Array.from({ length: count }, (_, i) => ({
    sample: {
      id: `noise ${i}`,
      dataset: 'noise',
      image: '',
      patient: { key: String(i) },
      labels: { findings: {} },
      split: 'test',
    },
    pixels: Uint8Array.from({ length: size * size }, () => next() % 256),
    size,
    width: size,
    height: size,
  }));
}
