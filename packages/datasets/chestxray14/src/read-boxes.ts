import { parseDecimal, readTable, shown, suggestion, type ProblemList, type TableFile } from '@multichexnet/core';
import { boxAliases, findings } from './labels.js';

/** Width and height of the space in which NIH drew its boxes, whatever size the images are stored in. */
export const boxSpace = 1024;

/** NIH has patients 1 to 30,805. */
const IMAGE_NAME = /^(\d{8})_\d{3}\.png$/;
const LAST_PATIENT = 30_805;

export interface NihBox {
  readonly image: string;
  readonly line: number;
  readonly finding: string;
  /** Left and top edge and size in the 1024-pixel space. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Reads `BBox_List_2017.csv`. `isKnown` says whether the data entry table has an image; without it, whether NIH can have one of that name. */
export async function readBoxes(
  file: TableFile,
  problems: ProblemList,
  isKnown: (image: string) => boolean = isNihName,
): Promise<{ readonly rows: number; readonly boxes: readonly NihBox[] }> {
  const boxes: NihBox[] = [];
  const spec = {
    image: { name: 'Image Index' },
    label: { name: 'Finding Label' },
    x: { name: 'Bbox [x' },
    y: { name: 'y' },
    width: { name: 'w' },
    height: { name: 'h]' },
  };
  const { rows } = await readTable(
    { ...file, mayBeEmpty: true },
    spec,
    problems,
    ({ line, image, label, ...cells }) => {
      const report = (code: string, message: string): void => problems.add(code, file.name, line, message);
      if (!isKnown(image)) return report('ID_UNKNOWN', `${shown(image)} is not an image of the data entry table`);
      const finding = boxAliases.get(label) ?? label;
      if (!findings.includes(finding))
        return report('LABEL_UNKNOWN', `label ${shown(label)}; ${suggestion(label, findings)}`);
      const texts = [cells.x, cells.y, cells.width, cells.height];
      const [x, y, width, height] = texts.map(parseDecimal);
      if (x === undefined || y === undefined || width === undefined || height === undefined)
        return report('BOX_INVALID', `x, y, w, h ${shown(texts.join(', '))} are not four numbers`);
      if (x < 0 || y < 0 || width <= 0 || height <= 0)
        return report('BOX_INVALID', `box ${texts.join(', ')}: x and y must not be negative, w and h must be positive`);
      if (x + width > boxSpace || y + height > boxSpace)
        return report('BOX_INVALID', `the box ends at ${x + width}, ${y + height}, outside ${boxSpace} x ${boxSpace}`);
      boxes.push({ image, line, finding, x, y, width, height });
    },
  );
  return { rows, boxes };
}

function isNihName(image: string): boolean {
  const patient = Number(IMAGE_NAME.exec(image)?.[1] ?? 0);
  return patient >= 1 && patient <= LAST_PATIENT;
}
