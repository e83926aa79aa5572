import type { Anchor } from './anchors.js';

/** Cells of the detection grid and the anchors of each, all in pixels of the input. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly anchors: readonly Anchor[];
}

export function createGrid(inputSize: number, stride: number, anchors: readonly Anchor[]): Grid {
  const cells = Math.floor(inputSize / stride);
  return { rows: cells, columns: cells, stride, anchors };
}

/** Raw outputs of one anchor: x, y, width, height and, with objectness, the score. */
export const BOX_VALUES = 4;
/** The outputs' probability of an object before training is about this (Lin et al. 2017), so that the many negatives do not swamp the first steps. */
export const OBJECT_PRIOR = 0.2;
export const OBJECT_PRIOR_LOGIT = Math.log(OBJECT_PRIOR / (1 - OBJECT_PRIOR));
/** With ReLU boxes (eq. 5 alone): raw 0 is the middle of the cell and the anchor's own size, where the ReLU is not dead. */
export const RELU_OFFSETS = [0.5, 0.5, 1, 1] as const;
