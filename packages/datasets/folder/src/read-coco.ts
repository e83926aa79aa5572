import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shown, type LabelledBox, type ProblemList } from '@multichexnet/core';
import { findingName, NO_FINDING, parseSplit, safePath, type ImageRecord } from './image-record.js';

interface Listed {
  readonly record: ImageRecord;
  readonly boxes: LabelledBox[];
}

/**
 * Reads the images and boxes of a COCO file (`images`, `annotations` with `bbox` [x, y, width, height], `categories`). An image without annotations is known
 * to have no box and none of the categories. Segmentations are not read; crowd regions (`iscrowd`) are counted as skipped.
 */
export async function readCoco(
  root: string,
  file: string,
  harmonised: boolean,
  problems: ProblemList,
): Promise<{ readonly records: readonly ImageRecord[]; readonly crowds: number }> {
  const report = (at: string, message: string): void =>
    problems.add('COCO_INVALID', file, undefined, `${at} ${message}`);
  const document = await readDocument(join(root, file), file, problems);
  if (document === undefined) return { records: [], crowds: 0 };
  const categories = new Map<unknown, string>();
  for (const [i, entry] of listOf(document, 'categories', report).entries()) {
    const { id, name } = fieldsOf(entry);
    if (typeof name !== 'string' || name.trim() === '' || id === undefined)
      report(`categories[${i}]`, 'needs id and name');
    else categories.set(id, name);
  }
  const images = new Map<unknown, Listed>();
  const paths = new Set<string>();
  for (const [i, entry] of listOf(document, 'images', report).entries()) {
    const { id, file_name: name } = fieldsOf(entry);
    const path = typeof name === 'string' ? safePath(name) : undefined;
    if (path === undefined)
      problems.add(
        'DATA_PATH',
        file,
        undefined,
        `images[${i}] file_name ${shown(String(name))} is no path below the root`,
      );
    else if (id === undefined || images.has(id))
      report(`images[${i}]`, `needs an id of its own, got ${shown(String(id))}`);
    else if (paths.has(path))
      problems.add('ID_DUPLICATE', file, undefined, `images[${i}] is the second of file ${shown(path)}`);
    else {
      paths.add(path);
      images.set(
        id,
        newImage(
          path,
          file,
          [...categories.values()].map((category) => findingName(category, harmonised)),
        ),
      );
    }
  }
  let crowds = 0;
  for (const [i, entry] of listOf(document, 'annotations', report).entries()) {
    const { image_id: id, category_id: category, bbox, iscrowd } = fieldsOf(entry);
    const at = `annotations[${i}]`;
    const image = images.get(id);
    const word = categories.get(category);
    if (image === undefined) {
      problems.add('ID_UNKNOWN', file, undefined, `${at} is of image ${shown(String(id))}, which is not in images`);
      continue;
    }
    if (iscrowd === 1 || iscrowd === true) {
      crowds++;
      continue;
    }
    const box = boxOf(bbox);
    if (word === undefined)
      problems.add(
        'LABEL_UNKNOWN',
        file,
        undefined,
        `${at} has category ${shown(String(category))}, which is not in categories`,
      );
    else if (box === undefined)
      problems.add(
        'BOX_INVALID',
        file,
        undefined,
        `${at} bbox ${shown(JSON.stringify(bbox) ?? 'nothing')} is not [x, y, width, height] with a positive size`,
      );
    if (word === undefined || box === undefined) {
      // Its other boxes would pass for all of them.
      image.record.usable = false;
      continue;
    }
    const finding = findingName(word, harmonised);
    image.boxes.push({ ...box, finding });
    (image.record.findings as Record<string, boolean>)[finding] = true;
    if (!image.record.words.includes(word)) (image.record.words as string[]).push(word);
  }
  return { records: [...images.values()].map(({ record }) => record), crowds };
}

function newImage(path: string, file: string, names: readonly string[]): Listed {
  const split = parseSplit(path.split('/', 1)[0] ?? '');
  const boxes: LabelledBox[] = [];
  const findings = Object.fromEntries(names.filter((name) => name !== NO_FINDING).map((name) => [name, false]));
  const record = {
    id: path,
    file,
    findings,
    words: [],
    boxes,
    usable: true,
    ...(split === undefined ? {} : { split }),
  };
  return { record, boxes };
}

async function readDocument(path: string, file: string, problems: ProblemList): Promise<object | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    problems.add('DATA_MISSING_FILE', file, undefined, `cannot be read (${code})`);
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    problems.add('COCO_INVALID', file, undefined, 'is no object with images, annotations and categories');
  } catch (error) {
    problems.add(
      'COCO_INVALID',
      file,
      undefined,
      `is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return undefined;
}

function listOf(document: object, key: string, report: (at: string, message: string) => void): readonly unknown[] {
  const value = fieldsOf(document)[key];
  if (Array.isArray(value)) return value;
  report(key, 'is missing or no list');
  return [];
}

function fieldsOf(entry: unknown): Readonly<Record<string, unknown>> {
  return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
}

function boxOf(value: unknown): Omit<LabelledBox, 'finding'> | undefined {
  if (!Array.isArray(value) || value.length !== 4 || !value.every(Number.isFinite)) return undefined;
  const [x, y, width, height] = value as [number, number, number, number];
  return x >= 0 && y >= 0 && width > 0 && height > 0 ? { x, y, width, height } : undefined;
}
