import {
  isPlainFileName,
  parseDecimal,
  readTable,
  shown,
  suggestion,
  type ProblemList,
  type TableFile,
} from '@multichexnet/core';

/** Width and height of every image of the published set. */
export const publishedSize = 1024;

export const classes: readonly string[] = ['Lung Opacity', 'No Lung Opacity / Not Normal', 'Normal'];

export interface RsnaBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly line: number;
}

/** What the label table says of one image (its `patientId` is an image's id). */
export interface RsnaImage {
  readonly id: string;
  /** First row of the image. */
  readonly line: number;
  /** Undefined when no row says 0 or 1. */
  target: boolean | undefined;
  readonly boxes: RsnaBox[];
  /** A wrong row makes the whole image unusable: its other boxes would pass for all of them. */
  usable: boolean;
}

/** Reads `stage_2_train_labels.csv`: one row per box, one without box for a negative image. */
export async function readLabels(
  file: TableFile,
  problems: ProblemList,
): Promise<{ readonly rows: number; readonly images: ReadonlyMap<string, RsnaImage> }> {
  const images = new Map<string, RsnaImage>();
  const spec = {
    id: { name: 'patientId' },
    x: { name: 'x' },
    y: { name: 'y' },
    width: { name: 'width' },
    height: { name: 'height' },
    target: { name: 'Target' },
  };
  const { rows } = await readTable(file, spec, problems, ({ line, id, target, ...cells }) => {
    if (!isPlainFileName(id)) {
      problems.add('DATA_PATH', file.name, line, `patientId ${shown(id)} is not a plain file name`);
      return;
    }
    const known = images.get(id);
    const image: RsnaImage = known ?? { id, line, target: undefined, boxes: [], usable: true };
    images.set(id, image);
    const repeats = (message: string): void => problems.add('ID_DUPLICATE', file.name, line, message);
    const reject = (code: string, message: string): void => {
      problems.add(code, file.name, line, message);
      image.usable = false;
    };
    if (target !== '0' && target !== '1') return reject('LABEL_UNKNOWN', `Target ${shown(target)} is neither 0 nor 1`);
    const positive = target === '1';
    if (image.target === undefined) image.target = positive;
    else if (image.target !== positive)
      return reject(
        'LABEL_CONTRADICTION',
        `Target ${target}, but line ${image.line} says ${positive ? 0 : 1} for the same image`,
      );
    else if (!positive) return repeats(`repeats line ${image.line} (${shown(id)})`);

    const texts = [cells.x, cells.y, cells.width, cells.height];
    if (!positive) {
      if (texts.some((text) => text !== '')) reject('BOX_INVALID', 'Target 0 has a box');
      return;
    }
    if (texts.every((text) => text === '')) return reject('BOX_INVALID', 'Target 1 has no box');
    const [x, y, width, height] = texts.map(parseDecimal);
    if (x === undefined || y === undefined || width === undefined || height === undefined)
      return reject('BOX_INVALID', `x, y, width, height ${shown(texts.join(', '))} are not four numbers`);
    if (x < 0 || y < 0 || width <= 0 || height <= 0)
      return reject(
        'BOX_INVALID',
        `box ${texts.join(', ')}: x and y must not be negative, width and height must be positive`,
      );
    const twin = image.boxes.find((box) => box.x === x && box.y === y && box.width === width && box.height === height);
    if (twin !== undefined) return repeats(`repeats the box of line ${twin.line}`);
    image.boxes.push({ x, y, width, height, line });
  });
  return { rows, images };
}

/** Reports boxes that leave an image of this size; the image is unusable then. */
export function checkBounds(
  image: RsnaImage,
  width: number,
  height: number,
  file: string,
  problems: ProblemList,
): void {
  for (const box of image.boxes) {
    if (box.x + box.width <= width && box.y + box.height <= height) continue;
    const right = box.x + box.width;
    const bottom = box.y + box.height;
    problems.add(
      'BOX_INVALID',
      file,
      box.line,
      `the box ends at ${right}, ${bottom}, outside the image of ${width} x ${height}`,
    );
    image.usable = false;
  }
}

/** Reads `stage_2_detailed_class_info.csv` (as many rows an image as the label table has). `images` checks it against the labels. */
export async function readClasses(
  file: TableFile,
  problems: ProblemList,
  images?: ReadonlyMap<string, RsnaImage>,
): Promise<{ readonly rows: number; readonly classOf: ReadonlyMap<string, string> }> {
  const classOf = new Map<string, string>();
  const lineOf = new Map<string, number>();
  const spec = { id: { name: 'patientId' }, name: { name: 'class' } };
  const { rows } = await readTable(file, spec, problems, ({ line, id, name }) => {
    const image = images?.get(id);
    const reject = (code: string, message: string): void => {
      problems.add(code, file.name, line, message);
      if (image !== undefined) image.usable = false;
    };
    if (!isPlainFileName(id)) return reject('DATA_PATH', `patientId ${shown(id)} is not a plain file name`);
    if (!classes.includes(name)) return reject('LABEL_UNKNOWN', `class ${shown(name)}; ${suggestion(name, classes)}`);
    const earlier = classOf.get(id);
    if (earlier !== undefined && earlier !== name)
      return reject('LABEL_CONTRADICTION', `class ${shown(name)}, but line ${lineOf.get(id)} says ${shown(earlier)}`);
    if (images !== undefined && image === undefined)
      return reject('ID_UNKNOWN', `${shown(id)} is not in the label table`);
    if (image?.target !== undefined && image.target !== (name === 'Lung Opacity') && earlier === undefined)
      reject('LABEL_CONTRADICTION', `class ${shown(name)}, but the label table says Target ${image.target ? 1 : 0}`);
    if (earlier === undefined) lineOf.set(id, line);
    classOf.set(id, name);
  });
  return { rows, classOf };
}
