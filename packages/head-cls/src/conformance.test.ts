import { testHead } from '@multichexnet/testing';
import { cls } from './plugin.js';

testHead(cls, {
  options: { classes: ['Pneumonia', 'Pneumothorax', 'Effusion'], hidden: 16 },
  labels: [[true, undefined, false], [undefined, false, undefined], [false, false, false], undefined],
});
