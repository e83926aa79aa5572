import { decodeMask, type Sample } from '@multichexnet/core';
import { decodeRle, readGreyImage } from '@multichexnet/imaging';
import sharp from 'sharp';
import { escapeText } from '../page/escape-text.js';
import type { FoundMask } from '../predict/predict-files.js';
import type { RankedImage } from './rank-failures.js';

/** Pixels of the longer side. */
const SIDE = 240;
const TRUE_COLOUR = [86, 180, 233] as const;
const FOUND_COLOUR = [255, 176, 0] as const;

export interface Panel {
  readonly ranked: RankedImage;
  readonly place: number;
  readonly sample: Sample;
  readonly mask?: FoundMask;
}

/**
 * One test image with what is there (blue, solid) and what was found (orange, dashed) drawn in.
 * @throws ImagingError for a file that cannot be read
 */
export async function drawPanel({ ranked, place, sample, mask }: Panel): Promise<string> {
  const image = await readGreyImage(sample.image);
  const { width, height, data } = image;
  const jpeg = await sharp(data, { raw: { width, height, channels: 1 } })
    .resize(SIDE, SIDE, { fit: 'inside' })
    .jpeg({ quality: 70 })
    .toBuffer();
  const layers = [picture(`data:image/jpeg;base64,${jpeg.toString('base64')}`, width, height)];
  const truth = sample.labels.mask;
  if (truth !== undefined && truth.rle.length > 0)
    layers.push(await veil(decodeMask(truth), truth, TRUE_COLOUR, { width, height }));
  if (mask !== undefined) {
    const inside = decodeRle([mask.rle], { width: mask.width, height: mask.height, relative: true, order: 'column' });
    layers.push(await veil(inside, mask, FOUND_COLOUR, { width, height }));
  }
  for (const box of sample.labels.boxes ?? []) layers.push(rectangle(box, TRUE_COLOUR, ''));
  const { at, scores } = ranked.boxes ?? { at: [], scores: [] };
  for (const i of scores.keys()) {
    const [x = 0, y = 0, w = 0, h = 0] = at.slice(4 * i, 4 * i + 4);
    layers.push(rectangle({ x, y, width: w, height: h }, FOUND_COLOUR, ' stroke-dasharray="5 3"'));
  }
  const alt = `${sample.dataset} ${sample.id}: ${ranked.words}`;
  const facts = [describeTruth(sample), sample.view, sample.patient.sex].filter((word) => word !== undefined);
  const confidences = scores.length === 0 ? '' : `; confidence ${scores.map((s) => s.toFixed(2)).join(', ')}`;
  return `<figure><svg role="img" aria-label="${escapeText(alt)}" viewBox="0 0 ${width} ${height}">${layers.join('')}</svg>
<p><strong>${place}.</strong> ${escapeText(`${ranked.words}${confidences}`)}<br><span class="small">${escapeText(`${facts.join(' · ')} · ${sample.id}`)}</span></p></figure>`;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A mask as a veil of its colour over an image. */
async function veil(
  inside: ArrayLike<number>,
  mask: Size,
  [red, green, blue]: readonly [number, number, number],
  { width, height }: Size,
): Promise<string> {
  const rgba = new Uint8Array(inside.length * 4);
  for (let i = 0; i < inside.length; i++) if (inside[i] !== 0) rgba.set([red, green, blue, 120], i * 4);
  const png = await sharp(rgba, { raw: { width: mask.width, height: mask.height, channels: 4 } })
    .resize(SIDE, SIDE, { fit: 'inside', kernel: 'nearest' })
    .png({ palette: true, colours: 4 })
    .toBuffer();
  return picture(`data:image/png;base64,${png.toString('base64')}`, width, height);
}

function picture(href: string, width: number, height: number): string {
  return `<image width="${width}" height="${height}" preserveAspectRatio="none" href="${href}"/>`;
}

function rectangle(
  { x, y, width, height }: Size & { readonly x: number; readonly y: number },
  colour: readonly [number, number, number],
  more: string,
): string {
  const place = [x, y, width, height].map((value) => value.toFixed(1));
  return `<rect x="${place[0]}" y="${place[1]}" width="${place[2]}" height="${place[3]}" fill="none" stroke="rgb(${colour.join(',')})" stroke-width="2" vector-effect="non-scaling-stroke"${more}/>`;
}

function describeTruth({ labels }: Sample): string {
  const there = Object.entries(labels.findings).flatMap(([name, value]) => (value ? [name] : []));
  return there.length > 0 ? there.join(', ') : 'nothing known to be there';
}
