import { testHead } from '@multichexnet/testing';
import { det } from './plugin.js';

const labels = [
  [{ x: 6, y: 10, width: 20, height: 30 }],
  [],
  [
    { x: 30, y: 2, width: 12, height: 14 },
    { x: 40, y: 40, width: 20, height: 20 },
  ],
  undefined,
];
const anchors = [
  [12, 12],
  [24, 28],
];

testHead(det, { options: { channels: 16, anchors, stride: 16 }, labels });
testHead(det, { options: { channels: 8, anchors, objectness: false }, labels, steps: 80 });
testHead(det, { options: { channels: 8, anchors, objectnessLoss: 'bce', stride: 8 }, labels });
// anchors from the labels; those of the reference until then
testHead(det, { options: { channels: 8, stride: 32 }, labels, steps: 80 });
