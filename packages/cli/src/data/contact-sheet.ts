import { decodeMask, isPositive, mapLimit, type LabelledBox, type MaskLabel, type Sample } from '@multichexnet/core';
import { createRandom, ImagingError, readGreyImage, type GreyImage8 } from '@multichexnet/imaging';
import sharp, { type OverlayOptions } from 'sharp';

export interface SheetOptions {
  /** Images on the sheet, at most. */
  readonly count: number;
  /** The same seed draws the same images. */
  readonly seed: number;
  /** Pixels a side of one picture. */
  readonly size: number;
  readonly columns: number;
}

export interface SheetCell {
  readonly id: string;
  readonly file: string;
  /** Findings that are there, boxes, what is known of the patient: what stands below the picture. */
  readonly caption: readonly string[];
  /** Why there is no picture. */
  readonly error?: string;
}

export interface ContactSheet {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
  /** Row by row. */
  readonly cells: readonly SheetCell[];
}

const GAP = 8;
const LINE = 15;
const LINES = 3;
const READERS = 4;
const CHARACTER = 7;
/** Legible on grey, and apart for those who see no red and green. */
const COLOURS = { box: '#ffb000', mask: [64, 176, 255], text: '#e8e8e8', faint: '#a8a8a8', wrong: '#ff8a80' } as const;

/**
 * A PNG with images of a dataset as they are read, their boxes and masks drawn in, and their labels below: half of it positives where there are any. Captions
 * need a font on the machine.
 */
export async function drawContactSheet(samples: readonly Sample[], options: SheetOptions): Promise<ContactSheet> {
  const { size, columns } = options;
  const chosen = chooseSamples(samples, options);
  const drawn = await mapLimit(chosen, READERS, (sample) => drawCell(sample, size));
  const step = { x: size + GAP, y: size + LINES * LINE + GAP * 2 };
  const across = Math.max(1, Math.min(columns, drawn.length));
  const width = across * step.x + GAP;
  const height = Math.max(1, Math.ceil(drawn.length / across)) * step.y + GAP;
  const layers = drawn.flatMap(({ layers }, i): OverlayOptions[] => {
    const [left, top] = [GAP + (i % across) * step.x, GAP + Math.floor(i / across) * step.y];
    return layers.map((layer) => ({ ...layer, left: left + (layer.left ?? 0), top: top + (layer.top ?? 0) }));
  });
  const png = await sharp({ create: { width, height, channels: 3, background: '#161616' } })
    .composite(layers)
    .png()
    .toBuffer();
  return { png, width, height, cells: drawn.map(({ cell }) => cell) };
}

/** Positives first, as many as half of the sheet where there are, then others; each drawn by the seed. */
function chooseSamples(samples: readonly Sample[], { count, seed }: SheetOptions): Sample[] {
  const random = createRandom(seed, 'contact sheet');
  const positives = random.shuffle(samples.filter((sample) => isPositive(sample) === true));
  const others = random.shuffle(samples.filter((sample) => isPositive(sample) !== true));
  const wanted = Math.min(positives.length, Math.max(Math.ceil(count / 2), count - others.length));
  return [...positives.slice(0, wanted), ...others.slice(0, count - wanted)];
}

interface DrawnCell {
  readonly cell: SheetCell;
  readonly layers: readonly OverlayOptions[];
}

async function drawCell(sample: Sample, size: number): Promise<DrawnCell> {
  const caption = captionOf(sample);
  const cell = { id: sample.id, file: sample.image, caption };
  try {
    const image = await readGreyImage(sample.image);
    return { cell, layers: await picture(image, sample, size, caption) };
  } catch (error) {
    if (!(error instanceof ImagingError)) throw error;
    const text = svg(size, size + LINES * LINE + GAP, [
      `<rect width="${size}" height="${size}" fill="#2a2a2a"/>`,
      line(error.code, GAP, size / 2, size, COLOURS.wrong),
      ...caption.map((words, i) => line(words, 0, size + LINE * (i + 1), size, COLOURS.faint)),
    ]);
    return { cell: { ...cell, error: `${error.code} ${error.reason}` }, layers: [{ input: text }] };
  }
}

async function picture(
  image: GreyImage8,
  { labels }: Sample,
  size: number,
  caption: readonly string[],
): Promise<OverlayOptions[]> {
  const scale = size / Math.max(image.width, image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const [left, top] = [Math.floor((size - width) / 2), Math.floor((size - height) / 2)];
  const raw = { width: image.width, height: image.height, channels: 1 } as const;
  const film = await sharp(image.data, { raw }).resize(width, height, { fit: 'fill' }).png().toBuffer();
  const { boxes = [], mask } = labels;
  const layers: OverlayOptions[] = [{ input: film, left, top }];
  if (mask !== undefined && mask.rle.length > 0)
    layers.push({ input: await maskLayer(mask, width, height), left, top });
  const marks = boxes.map((box) => rectangle(box, scale, left, top));
  const words = caption.map((text, i) =>
    line(text, 0, size + LINE * (i + 1), size, i === 0 ? COLOURS.text : COLOURS.faint),
  );
  layers.push({ input: svg(size, size + LINES * LINE + GAP, [...marks, ...words]) });
  return layers;
}

/** The mask as a veil of its colour. */
async function maskLayer(mask: MaskLabel, width: number, height: number): Promise<Buffer> {
  const inside = decodeMask(mask);
  const [red, green, blue] = COLOURS.mask;
  const rgba = new Uint8Array(inside.length * 4);
  for (const [i, value] of inside.entries()) if (value !== 0) rgba.set([red, green, blue, 110], i * 4);
  return sharp(rgba, { raw: { width: mask.width, height: mask.height, channels: 4 } })
    .resize(width, height, { fit: 'fill', kernel: 'nearest' })
    .png()
    .toBuffer();
}

function rectangle({ x, y, width, height }: LabelledBox, scale: number, left: number, top: number): string {
  const place = `x="${left + x * scale}" y="${top + y * scale}" width="${width * scale}" height="${height * scale}"`;
  return `<rect ${place} fill="none" stroke="${COLOURS.box}" stroke-width="2"/>`;
}

function captionOf({ id, labels, patient, view, officialSplit }: Sample): string[] {
  const findings = Object.entries(labels.findings);
  const there = findings.filter(([, value]) => value).map(([name]) => name);
  const what = there.length > 0 ? there.join(', ') : findings.length > 0 ? 'nothing found' : 'unknown';
  const boxes = labels.boxes?.length ?? 0;
  const who = [view, patient.sex, patient.ageYears === undefined ? undefined : `${Math.round(patient.ageYears)} y`];
  const facts = [...who, officialSplit].filter((word) => word !== undefined);
  return [boxes > 0 ? `${what} (${boxes} ${boxes === 1 ? 'box' : 'boxes'})` : what, facts.join(' · '), id];
}

function svg(width: number, height: number, parts: readonly string[]): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`,
  );
}

function line(text: string, x: number, y: number, width: number, colour: string): string {
  const most = Math.floor(width / CHARACTER);
  // The end of an id tells images apart, the beginning says what it is.
  const half = Math.floor(most / 2) - 1;
  const short = text.length <= most ? text : `${text.slice(0, half)}…${text.slice(-half)}`;
  const safe = short.replace(/[<>&"\u0000-\u001f]/g, (mark) => `&#${Math.max(32, mark.charCodeAt(0))};`);
  return `<text x="${x}" y="${y}" font-family="DejaVu Sans, Liberation Sans, Arial, sans-serif" font-size="11" fill="${colour}">${safe}</text>`;
}
