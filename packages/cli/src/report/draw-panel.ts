import { decodeMask, type HeatMap, type Sample } from '@multichexnet/core';
import { decodeRle, readGreyImage } from '@multichexnet/imaging';
import sharp from 'sharp';
import { heatVeil } from '../explain/draw-overlay.js';
import { escapeText } from '../page/escape-text.js';
import type { Seen } from './panel-network.js';
import type { RankedImage } from './rank-failures.js';

/** Pixels of the longer side of a film, and of a heat map over it. */
const SIDE = 240;
const CAM_SIDE = 56;
const TRUE_COLOUR = [86, 180, 233] as const;
const FOUND_COLOUR = [255, 176, 0] as const;
/** Of a head that was not ranked, the best boxes. */
const MAX_BOXES = 5;

export interface Panel {
  /** Of its own on the page. */
  readonly id: string;
  /** The head that the image is ranked by. */
  readonly head: string;
  readonly ranked: RankedImage;
  readonly place: number;
  readonly sample: Sample;
  readonly seen?: Seen;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Frame {
  readonly name: string;
  readonly alt: string;
  readonly layers: readonly string[];
}

/**
 * One test image beside what is there (blue, solid), what was found (orange, dashed) and where the network looked.
 * @throws ImagingError for a file that cannot be read
 */
export async function drawPanel({ id, head, ranked, place, sample, seen }: Panel): Promise<string> {
  const image = await readGreyImage(sample.image);
  const { width, height, data } = image;
  const jpeg = await sharp(data, { raw: { width, height, channels: 1 } })
    .resize(SIDE, SIDE, { fit: 'inside' })
    .jpeg({ quality: 70 })
    .toBuffer();
  // The film comes with the page once; the other frames of the panel refer to it.
  const film = picture(`data:image/jpeg;base64,${jpeg.toString('base64')}`, image, `id="${id}"`);
  const boxes = boxesOf(head, ranked, seen);
  const frames: Frame[] = [
    { name: 'film', alt: `${sample.dataset} ${sample.id}: ${ranked.words}`, layers: [] },
    ...(await truthFrame(sample, image)),
    ...(await foundFrame(boxes, seen, image)),
    ...(await camFrame(seen?.cam, image)),
  ];
  const drawn = frames.map(
    ({ name, alt, layers }, i) =>
      `<div><svg role="img" aria-label="${escapeText(alt)}" viewBox="0 0 ${width} ${height}">${i === 0 ? film : `<use href="#${id}"/>`}${layers.join('')}</svg><span class="small">${escapeText(name)}</span></div>`,
  );
  const facts = [describeTruth(sample), sample.view, sample.patient.sex].filter((word) => word !== undefined);
  const { scores } = ranked.boxes ?? { scores: [] };
  const confidences = scores.length === 0 ? '' : `; confidence ${scores.map((s) => s.toFixed(2)).join(', ')}`;
  const gates = (seen?.heldBack ?? []).map((held) => ` · ${held} held back by its gate`).join('');
  return `<figure><div class="frames">${drawn.join('')}</div>
<p><strong>${place}.</strong> ${escapeText(`${ranked.words}${confidences}`)}<br><span class="small">${escapeText(`${facts.join(' · ')}${gates} · ${sample.id}`)}</span></p></figure>`;
}

/** Boxes x, y, width, height of all heads: of the ranked one as validation chose, of others the best. */
function boxesOf(head: string, { boxes }: RankedImage, seen: Seen | undefined): number[][] | undefined {
  const own = boxes?.scores.map((_, i) => boxes.at.slice(4 * i, 4 * i + 4));
  const others = [...(seen?.boxes ?? [])]
    .filter(([name]) => own === undefined || name !== head)
    .map(([, found]) => found.slice(0, MAX_BOXES).map(({ x, y, width, height }) => [x, y, width, height]));
  return own === undefined && others.length === 0 ? undefined : [...(own ?? []), ...others.flat()];
}

/** Nothing where the dataset says neither boxes nor masks. */
async function truthFrame({ labels: { boxes, mask } }: Sample, size: Size): Promise<Frame[]> {
  if (boxes === undefined && mask === undefined) return [];
  const veils =
    mask === undefined || mask.rle.length === 0 ? [] : [await veil(decodeMask(mask), mask, TRUE_COLOUR, size)];
  const layers = [...veils, ...(boxes ?? []).map((box) => rectangle(box, TRUE_COLOUR, ''))];
  const name = layers.length === 0 ? 'there: nothing' : 'there';
  return [{ name, alt: `what is there: ${counted(boxes?.length, veils.length, mask !== undefined)}`, layers }];
}

/** Nothing where no head of the network finds boxes or masks. */
async function foundFrame(
  boxes: readonly number[][] | undefined,
  seen: Seen | undefined,
  size: Size,
): Promise<Frame[]> {
  const mask = seen?.mask;
  if (boxes === undefined && mask === undefined) return [];
  const veils: string[] = [];
  if (mask !== undefined && mask.rle !== '-1') {
    const inside = decodeRle([mask.rle], { width: mask.width, height: mask.height, relative: true, order: 'column' });
    veils.push(await veil(inside, mask, FOUND_COLOUR, size));
  }
  const marks = (boxes ?? []).map(([x = 0, y = 0, width = 0, height = 0]) =>
    rectangle({ x, y, width, height }, FOUND_COLOUR, ' stroke-dasharray="5 3"'),
  );
  const layers = [...veils, ...marks];
  const name = layers.length === 0 ? 'found: nothing' : 'found';
  return [{ name, alt: `what was found: ${counted(boxes?.length, veils.length, mask !== undefined)}`, layers }];
}

async function camFrame(cam: Seen['cam'], size: Size): Promise<Frame[]> {
  if (cam === undefined) return [];
  const { map, target } = cam;
  const speaks = map.values.some((value) => value > 0);
  const layers = speaks ? [picture(await camPicture(map), size, '')] : [];
  const name = `${speaks ? 'looked' : 'nothing looked'} at for ${target}`;
  return [{ name, alt: `${name} (Grad-CAM)`, layers }];
}

async function camPicture(map: HeatMap): Promise<string> {
  const png = await sharp(heatVeil(map, CAM_SIDE, CAM_SIDE), {
    raw: { width: CAM_SIDE, height: CAM_SIDE, channels: 4 },
  })
    .png({ palette: true, colours: 64 })
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

/** `2 boxes, a mask` */
function counted(boxes: number | undefined, masks: number, asked: boolean): string {
  return [
    ...(boxes === undefined ? [] : [boxes === 1 ? '1 box' : `${boxes} boxes`]),
    ...(asked ? [masks > 0 ? 'a mask' : 'no mask'] : []),
  ].join(', ');
}

/** A mask as a veil of its colour over an image. */
async function veil(
  inside: ArrayLike<number>,
  mask: Size,
  [red, green, blue]: readonly [number, number, number],
  size: Size,
): Promise<string> {
  const rgba = new Uint8Array(inside.length * 4);
  for (let i = 0; i < inside.length; i++) if (inside[i] !== 0) rgba.set([red, green, blue, 120], i * 4);
  const png = await sharp(rgba, { raw: { width: mask.width, height: mask.height, channels: 4 } })
    .resize(SIDE, SIDE, { fit: 'inside', kernel: 'nearest' })
    .png({ palette: true, colours: 4 })
    .toBuffer();
  return picture(`data:image/png;base64,${png.toString('base64')}`, size, '');
}

function picture(href: string, { width, height }: Size, attributes: string): string {
  return `<image ${attributes} width="${width}" height="${height}" preserveAspectRatio="none" href="${href}"/>`;
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
