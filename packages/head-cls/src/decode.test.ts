import { expect, test } from 'vitest';
import { decode, gateScore } from './decode.js';
import { clsLabel, encodeLabel, knownClasses } from './label.js';

test('logits become probabilities, also for one class and for extreme values', () => {
  expect(decode(Float32Array.of(0, 800, -800), ['a', 'b', 'c']).findings.map(({ probability }) => probability)).toEqual(
    [0.5, 1, 0],
  );
  expect(decode(0, ['a'])).toEqual({ findings: [{ name: 'a', probability: 0.5 }] });
});

test('the gate score is that of the likeliest wanted class', () => {
  const logits = Float32Array.of(-1, 2, 5);
  expect(gateScore(logits, ['a', 'b', 'c'], ['a', 'b'])).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  expect(gateScore(logits, ['a', 'b', 'c'], ['x'])).toBeUndefined();
});

test('a label holds what the sample knows of the head’s classes, in their order', () => {
  const labelOf = (findings: Record<string, boolean>) =>
    clsLabel({ labels: { findings } }, ['Pneumonia', 'Pneumothorax']);
  expect(labelOf({ Pneumothorax: true, Effusion: true })).toEqual([undefined, true]);
  expect(labelOf({ Effusion: true })).toBeUndefined();
  expect(labelOf({ constructor: true })).toBeUndefined();
  const label = labelOf({ Pneumonia: false })!;
  expect([...encodeLabel(label)]).toEqual([0, 0]);
  expect(knownClasses(label)).toEqual([1, 0]);
});
