import { expect, test } from 'vitest';
import { summarise, type ScoredMap } from './score-maps.js';

const scored = (finding: string, patient: string, hit: boolean, iou: number): ScoredMap => ({
  sample: {
    dataset: 'chestxray14',
    id: `${patient}.png`,
    image: '',
    patient: { key: patient },
    split: 'test',
    labels: { findings: {} },
  },
  finding,
  boxes: [],
  map: { values: new Float32Array(1), width: 1, height: 1 },
  hit,
  iou,
});

test('means by finding, then of all, with intervals over patients', () => {
  const maps = [
    scored('Mass', '1', true, 0.5),
    scored('Mass', '2', false, 0.1),
    scored('Hernia', '1', true, 0.9),
    scored('Mass', '3', false, 0),
  ];
  const scores = summarise(maps, { seed: 1, resamples: 200 });
  expect(scores.map(({ finding, images }) => [finding, images])).toEqual([
    ['Hernia', 1],
    ['Mass', 3],
    ['all', 3],
  ]);
  const [hernia, mass, all] = scores;
  expect([hernia!.iou.value, hernia!.iou.low]).toEqual([0.9, undefined]); // one patient has no interval
  expect(mass!.pointing.value).toBeCloseTo(1 / 3, 12);
  expect(mass!.iou.value).toBeCloseTo(0.2, 12);
  expect(all!.pointing.value).toBe(0.5);
  expect(all!.iou.low).toBeLessThan(all!.iou.value!);
});
