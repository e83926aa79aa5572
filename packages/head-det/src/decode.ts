import { toOriginal, type ImageGeometry } from '@multichexnet/core';
import { boxIou, clipBox, type Box } from '@multichexnet/imaging';
import { BOX_VALUES, OBJECT_PRIOR_LOGIT, RELU_OFFSETS, type Grid } from './grid.js';

export interface ScoredBox extends Box {
  /** 0..1, not calibrated. */
  readonly score: number;
}

export interface DetPrediction {
  /** Pixels of the original image, best score first. */
  readonly boxes: readonly ScoredBox[];
}

export interface DecodeOptions {
  readonly objectness: boolean;
  readonly scoreThreshold: number;
  readonly nms: number;
}

const MAX_BOXES = 100;

/** Boxes of one image from its raw outputs [rows * columns * K * 5]: score threshold, non-maximum suppression, back to the original image, clipped to it. */
export function decode(raw: Float32Array, grid: Grid, options: DecodeOptions, geometry: ImageGeometry): DetPrediction {
  const candidates = readBoxes(raw, grid, options)
    .filter(({ score }) => score >= options.scoreThreshold)
    .sort((a, b) => b.score - a.score);
  const boxes = suppress(candidates, options.nms).flatMap((box) => {
    const original = clipBox(toOriginal(box, geometry), geometry);
    return original === undefined ? [] : [original];
  });
  return { boxes };
}

/** Every anchor's box in input pixels with its score (1 without objectness). */
function readBoxes(raw: Float32Array, grid: Grid, { objectness }: DecodeOptions): ScoredBox[] {
  const { rows, columns, stride, anchors } = grid;
  const values = BOX_VALUES + (objectness ? 1 : 0);
  const boxes: ScoredBox[] = [];
  for (let at = 0, cell = 0; cell < rows * columns; cell++) {
    for (const [anchorWidth, anchorHeight] of anchors) {
      const value = (i: number): number =>
        objectness ? raw[at + i]! : Math.max(0, raw[at + i]! + RELU_OFFSETS[i as 0]);
      const cx = ((cell % columns) + (objectness ? sigmoid(value(0)) : value(0))) * stride;
      const cy = (Math.floor(cell / columns) + (objectness ? sigmoid(value(1)) : value(1))) * stride;
      const width = anchorWidth * (objectness ? Math.exp(Math.min(value(2), 10)) : value(2));
      const height = anchorHeight * (objectness ? Math.exp(Math.min(value(3), 10)) : value(3));
      const score = objectness ? sigmoid(raw[at + BOX_VALUES]! + OBJECT_PRIOR_LOGIT) : 1;
      boxes.push({ x: cx - width / 2, y: cy - height / 2, width, height, score });
      at += values;
    }
  }
  return boxes.filter(({ x, y, width, height }) => width > 0 && height > 0 && Number.isFinite(x + y + width + height));
}

/** Greedy non-maximum suppression of boxes sorted by falling score. */
export function suppress(sorted: readonly ScoredBox[], iou: number): ScoredBox[] {
  const kept: ScoredBox[] = [];
  for (const box of sorted) {
    if (kept.length === MAX_BOXES) break;
    if (kept.every((other) => boxIou(box, other) <= iou)) kept.push(box);
  }
  return kept;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
