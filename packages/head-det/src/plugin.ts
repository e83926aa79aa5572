import { defineHead, type InputBox, type OutputValue } from '@multichexnet/core';
import { anchorCount, fitAnchors, resolveAnchors } from './anchors.js';
import { assignTargets, TARGET_VALUES } from './assign-targets.js';
import { decode, type DetPrediction } from './decode.js';
import { DetError } from './errors.js';
import { createGrid, type Grid } from './grid.js';
import { buildHead, chooseLevel, DECISION_LAYER } from './head.js';
import { detLoss } from './loss.js';
import { bestScore } from './best-score.js';
import { detMetrics } from './metrics.js';
import { options } from './options.js';

/** CheXDet: boxes around findings, on one level of the encoder. */
export const det = defineHead<typeof options, readonly InputBox[], readonly [OutputValue], DetPrediction>({
  kind: 'det',
  apiVersion: 1,
  options,
  label: ({ input }) => input.boxes,
  fit: (chosen, labels, { seed }) => {
    if (typeof chosen.anchors !== 'number') return chosen;
    const anchors = fitAnchors(labels.flat(), chosen.anchors, seed);
    return anchors === undefined ? chosen : { ...chosen, anchors: anchors.map(([width, height]) => [width, height]) };
  },
  create: (chosen) => {
    let stride = chosen.stride;
    const grid = (inputSize: number): Grid => {
      if (stride === undefined)
        throw new DetError('DET_STRIDE_MISSING', 'head "det" encodes before it was built: give its option "stride"');
      return createGrid(inputSize, stride, resolveAnchors(chosen.anchors, inputSize));
    };
    const anchors = anchorCount(chosen.anchors);
    return {
      build: (features) => {
        const level = chooseLevel(features, chosen.stride);
        stride = level.stride;
        return buildHead(level, { ...chosen, anchors });
      },
      targetShapes: (inputSize) => [[grid(inputSize).rows, grid(inputSize).columns, anchors, TARGET_VALUES]],
      encode: (boxes, { inputSize }) => [assignTargets(boxes, grid(inputSize), chosen)],
      loss: ([raw], targets, known) => detLoss(raw, targets[0], known, chosen),
      decode: ([raw], geometry) => decode(raw as Float32Array, grid(geometry.inputSize), chosen, geometry),
      empty: () => ({ boxes: [] }),
      metrics: detMetrics(),
      ...(chosen.objectness ? { explain: { targets: ['box'], scores: ([raw]) => bestScore(raw) } } : {}),
      decisionLayers: [DECISION_LAYER],
    };
  },
});
