import { testHead } from '@multichexnet/testing';
import { cls } from './plugin.js';

testHead(cls, {
  options: { classes: ['Pneumonia', 'Pneumothorax', 'Effusion'], hidden: 16 },
  labels: [[true, undefined, false], [undefined, false, undefined], [false, false, false], undefined],
});
// one class: outputs reach decode as plain numbers
testHead(cls, { options: { classes: ['COVID-19'], hidden: 8, dropout: 0 }, labels: [[true], [false], undefined] });
