import { defineHead, type OutputValue } from '@multichexnet/core';
import { decode, decodeEmpty, type SegPrediction } from './decode.js';
import { buildHead, DECISION_LAYER } from './head.js';
import { segLoss } from './loss.js';
import { maskScore } from './mask-score.js';
import { segMetrics } from './metrics.js';
import { options } from './options.js';

/** CheXSeg: a mask of the finding, over all levels of the encoder. */
export const seg = defineHead<typeof options, Uint8Array, readonly [OutputValue], SegPrediction>({
  kind: 'seg',
  apiVersion: 1,
  options,
  label: ({ input }) => input.mask,
  create: (chosen) => ({
    build: (features) => buildHead(features, chosen),
    encode: (mask) => [Float32Array.from(mask)], // [size, size, 1]
    loss: ([logits], targets, known) => segLoss(logits, targets[0], known, chosen.loss),
    decode: ([logits], geometry) => decode(logits as Float32Array, chosen.threshold, geometry),
    empty: decodeEmpty,
    metrics: segMetrics(),
    explain: { targets: ['mask'], scores: ([logits]) => maskScore(logits) },
    decisionLayers: [DECISION_LAYER],
  }),
});
