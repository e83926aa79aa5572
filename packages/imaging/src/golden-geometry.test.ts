import { expect, test } from 'vitest';
import { affineOf, inverseOf, type AffineParameters } from './augment/affine.js';
import { resample } from './augment/resample.js';
import { readGolden } from './golden-files.js';
import {
  boxesFromMask,
  boxIou,
  decodeRle,
  encodeRle,
  parseAge,
  resizeArea,
  resizeBilinear,
  runsOfMask,
} from './index.js';

interface Geometry {
  readonly ages: [string, number | null][];
  readonly resizing: {
    readonly method: 'area' | 'bilinear';
    readonly width: number;
    readonly height: number;
    readonly data: number[];
    readonly targetWidth: number;
    readonly targetHeight: number;
    readonly expected: number[];
  }[];
  readonly affine: {
    readonly width: number;
    readonly height: number;
    readonly fill: number;
    readonly data: number[];
    readonly cases: (AffineParameters & { readonly expected: number[] })[];
  };
  readonly parts: {
    readonly width: number;
    readonly height: number;
    readonly mask: string;
    readonly parts: number[][];
  };
  readonly ious: { readonly a: number[][]; readonly b: number[][]; readonly iou: number[][] };
  readonly runs: {
    readonly width: number;
    readonly height: number;
    readonly mask: string;
    readonly counts: number[];
    readonly area: number;
    readonly box: number[];
  }[];
}

const golden = readGolden('geometry') as Geometry;

test.each(golden.ages)('the age %j is %j years', (text, years) => {
  if (years === null) expect(parseAge(text)).toBeUndefined();
  else expect(parseAge(text)).toBeCloseTo(years, 12);
});

test.each(golden.resizing)('$method $width x $height -> $targetWidth x $targetHeight as OpenCV has it', (golden) => {
  const { width, height, targetWidth, targetHeight, expected } = golden;
  const resize = golden.method === 'area' ? resizeArea : resizeBilinear;
  const float = resize({ width, height, data: Float32Array.from(golden.data) }, targetWidth, targetHeight);
  const bytes = resize({ width, height, data: Uint8Array.from(golden.data) }, targetWidth, targetHeight);
  expect(float.data).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(float.data[i]).toBeCloseTo(value, 3);
    expect(Math.abs(bytes.data[i]! - value)).toBeLessThanOrEqual(0.5001);
  });
});

test.each(golden.affine.cases)(
  'affine flip $flip, $rotation degrees, scale $scale as SciPy has it',
  ({ expected, ...parameters }) => {
    const { width, height, data, fill } = golden.affine;
    const size = { width, height };
    const out = new Float32Array(data.length);
    const table = Float32Array.from({ length: 256 }, (_, value) => value);
    resample([{ data: Uint8Array.from(data), fill, table, out }], size, inverseOf(affineOf(parameters, size)));
    // The rounding, and the weights' steps of 1/2048.
    expected.forEach((value, i) => expect(Math.abs(out[i]! - value)).toBeLessThanOrEqual(0.65));
  },
);

test('connected parts as SciPy labels them', () => {
  const { width, height, mask, parts } = golden.parts;
  const found = boxesFromMask(bytesOf(mask), width, height);
  const sorted = (boxes: number[][]) => boxes.map(String).sort();
  expect(sorted(found.map((part) => [part.x, part.y, part.width, part.height, part.area]))).toEqual(sorted(parts));
});

test('IoU as pycocotools has it', () => {
  const { a, b, iou } = golden.ious;
  const box = ([x, y, width, height]: number[]) => ({ x: x!, y: y!, width: width!, height: height! });
  a.forEach((first, i) =>
    b.forEach((second, j) => expect(boxIou(box(first), box(second))).toBeCloseTo(iou[i]![j]!, 10)),
  );
});

test.each(golden.runs)(
  'column-major runs of $width x $height as pycocotools counts them',
  ({ width, height, mask, counts, area }) => {
    const inside = bytesOf(mask);
    // COCO counts alternate between outside and inside, starting outside: the relative format without a last gap.
    const text = counts.slice(0, counts.length - (counts.length % 2)).join(' ');
    expect(encodeRle(inside, { width, height, relative: true })).toBe(text);
    expect(decodeRle([text], { width, height, relative: true })).toEqual(inside);
    expect(runsOfMask(inside, width, height).reduce((sum, run) => sum + run.length, 0)).toBe(area);
  },
);

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
