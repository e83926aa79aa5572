import { resizeHeatMap, type HeatMap, type LabelledBox } from '@multichexnet/core';
import { readGreyImage } from '@multichexnet/imaging';
import sharp from 'sharp';

export interface Overlay {
  /** Image file. */
  readonly file: string;
  readonly map: HeatMap;
  /** True boxes in pixels of the original image: blue, solid. */
  readonly boxes?: readonly Omit<LabelledBox, 'finding'>[];
  /** The box that the map draws: orange, dashed. */
  readonly found?: Omit<LabelledBox, 'finding'>;
  /** Pixels of the longer side, default 512. */
  readonly side?: number;
}

/**
 * A film with a heat map over it as PNG: from nothing over dark red to yellow, thicker where the map is higher.
 * @throws ImagingError for a file that cannot be read
 */
export async function drawOverlay({ file, map, boxes = [], found, side = 512 }: Overlay): Promise<Buffer> {
  const image = await readGreyImage(file);
  const scale = side / Math.max(image.width, image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const veil = heatVeil(map, width, height);
  const rectangles = [
    ...boxes.map((box) => rectangle(box, scale, '#56b4e9', '')),
    ...(found === undefined ? [] : [rectangle(found, scale, '#ffb000', ' stroke-dasharray="8 5"')]),
  ];
  const marks = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${rectangles.join('')}</svg>`;
  const film = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 1 } })
    .resize(width, height, { fit: 'fill' })
    .toColourspace('srgb')
    .png()
    .toBuffer();
  return sharp(film)
    .composite([{ input: veil, raw: { width, height, channels: 4 } }, { input: Buffer.from(marks) }])
    .png()
    .toBuffer();
}

/** A heat map as RGBA pixels of another size, [height * width * 4]. */
export function heatVeil(map: HeatMap, width: number, height: number): Buffer {
  const veil = Buffer.alloc(4 * width * height);
  resizeHeatMap(map, width, height).values.forEach((value, i) => veil.set(colour(value), 4 * i));
  return veil;
}

/** Red is full from 0.4 on, green rises from there: lightness rises with the value, for those who see no red and green, too. */
function colour(value: number): [number, number, number, number] {
  return [
    Math.round(255 * Math.min(1, value / 0.4)),
    Math.round(230 * Math.max(0, (value - 0.4) / 0.6)),
    0,
    Math.round(150 * value),
  ];
}

function rectangle(box: Omit<LabelledBox, 'finding'>, scale: number, stroke: string, more: string): string {
  const [x, y, w, h] = [box.x, box.y, box.width, box.height].map((value) => (value * scale).toFixed(1));
  return `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="${stroke}" stroke-width="2"${more}/>`;
}
