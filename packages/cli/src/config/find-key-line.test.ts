import { expect, test } from 'vitest';
import { findKeyLine } from './find-key-line.js';

const source = `import x from 'model: 3';
// model: nothing
export default defineConfig({
  datasets: { rsna: { kind: 'rsna', root: 'a: b' } },
  model: {
    encoder: { kind: 'densenet' },
    heads: {
      /* det: */
      det: { kind: 'det', ancors: 3 },
      'two words': { kind: 'seg' },
    },
  },
  train: { schedule: { turns: [
    { dataset: 'rsna' },
    { dataset: 'rnsa' } ] } },
});
`;

test.each([
  ['model.heads.det.ancors', 9],
  ['model.heads.det.kind', 9],
  ['model.heads["two words"].kind', 10],
  ['model.encoder.depth', 6],
  ['train.schedule.turns[1].dataset', 13],
  ['trian', undefined],
  ['datasets.rsna.root', 4],
])('%s is on line %s', (path, line) => {
  expect(findKeyLine(source, path)).toBe(line);
});
