import { defineHead, type OutputValue } from '@multichexnet/core';
import { decode, decodeEmpty, gateScore, type ClsPrediction } from './decode.js';
import { buildHead, DECISION_LAYER } from './head.js';
import { clsLabel, encodeLabel, knownClasses, type ClsLabel } from './label.js';
import { clsLoss } from './loss.js';
import { clsMetrics } from './metrics.js';
import { options } from './options.js';

/** CheXCls: which of C findings an image shows; labels may be known class by class. */
export const cls = defineHead<typeof options, ClsLabel, readonly [OutputValue], ClsPrediction>({
  kind: 'cls',
  apiVersion: 1,
  options,
  label: (sample, { classes }) => clsLabel(sample, classes),
  create: (chosen) => ({
    build: (features) => buildHead(features, chosen),
    encode: (label) => [encodeLabel(label)],
    known: knownClasses,
    knownSize: chosen.classes.length,
    loss: ([logits], targets, known) => clsLoss(logits, targets[0], known),
    decode: ([logits]) => decode(logits, chosen.classes),
    gateScore: ([logits], wanted) => gateScore(logits, chosen.classes, wanted),
    empty: () => decodeEmpty(chosen.classes),
    metrics: clsMetrics(chosen.classes),
    explain: { targets: chosen.classes, scores: ([logits]) => logits },
    decisionLayers: [DECISION_LAYER],
  }),
});
