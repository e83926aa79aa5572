import { maskOfBoxes } from '@multichexnet/imaging';
import { testHead } from '@multichexnet/testing';
import { seg } from './plugin.js';

const size = { width: 32, height: 32 };
const labels = [
  maskOfBoxes([{ x: 4, y: 6, width: 12, height: 9 }], size),
  maskOfBoxes([], size),
  maskOfBoxes([{ x: 20, y: 2, width: 8, height: 28 }], size),
  undefined,
];

testHead(seg, { options: { growth: 2, layers: 2, dropout: 0.1, loss: 'bce+dice' }, inputSize: 32, steps: 150, labels });
testHead(seg, { options: { growth: 3, layers: 2, dropout: 0, finest: 8 }, inputSize: 32, steps: 150, labels });
