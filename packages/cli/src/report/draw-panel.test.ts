import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sample } from '@multichexnet/core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawPanel, type Panel } from './draw-panel.js';

let folder: string;
let image: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcx-panel-'));
  image = join(folder, 'film.png');
  await sharp(Buffer.alloc(40 * 30, 90), { raw: { width: 40, height: 30, channels: 1 } })
    .png()
    .toFile(image);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sampleOf = (labels: object): Sample => ({
  dataset: 'rsna',
  id: 'a<b>',
  image,
  patient: { key: 'p' },
  labels: { findings: {}, ...labels },
});
const ranked = { sample: {}, error: 1, positive: true, words: 'score 0.00' } as unknown as Panel['ranked'];
const map = (value: number) => ({ values: new Float32Array(4).fill(value), width: 2, height: 2 });
const box = (x: number, score: number) => ({ x, y: 2, width: 5, height: 6, score });

/** Words under each frame, and how many marks it has. */
function framesOf(html: string): [name: string, marks: number][] {
  return [...html.matchAll(/<svg[^>]*>(.*?)<\/svg><span class="small">([^<]*)</g)].map(([, layers = '', name = '']) => [
    name,
    (layers.match(/<rect |<image /g) ?? []).length,
  ]);
}

test('film, truth, finds of all heads and heat map stand side by side; the film comes once', async () => {
  const seen = {
    boxes: new Map([
      ['det', [box(1, 0.9)]],
      ['other', [box(3, 0.8), box(4, 0.7)]],
    ]),
    mask: { width: 40, height: 30, rle: '5 10' },
    heldBack: ['seg'],
    cam: { target: 'Mass', map: map(0.5) },
  };
  const own = { ...ranked, boxes: { at: [1, 2, 5, 6, 9, 9, 4, 4], scores: [0.9, 0.4] } };
  const sample = sampleOf({ boxes: [box(1, 1)] });
  const html = await drawPanel({ id: 'film-1', head: 'det', ranked: own, place: 3, sample, seen });
  expect(framesOf(html)).toEqual([
    ['film', 1],
    ['there', 1],
    ['found', 1 + 2 + 2], // the mask, boxes of the ranked head as validation chose them, those of the other head
    ['looked at for Mass', 1],
  ]);
  expect(html.match(/data:image\/jpeg/g)).toHaveLength(1);
  expect(html.match(/<use href="#film-1"\/>/g)).toHaveLength(3);
  for (const text of ['confidence 0.90, 0.40', 'seg held back by its gate', 'a&#60;b&#62;', 'found: 4 boxes, a mask'])
    expect(html).toContain(text);
});

test('frames of what nobody says are left out; nothing found and nothing looked at is said', async () => {
  const alone = await drawPanel({ id: 'x', head: 'cls', ranked, place: 1, sample: sampleOf({}) });
  expect(framesOf(alone)).toEqual([['film', 1]]);
  const seen = { boxes: new Map([['det', []]]), heldBack: [], cam: { target: 'Mass', map: map(0) } };
  const empty = await drawPanel({ id: 'x', head: 'cls', ranked, place: 1, sample: sampleOf({ boxes: [] }), seen });
  expect(framesOf(empty)).toEqual([
    ['film', 1],
    ['there: nothing', 0],
    ['found: nothing', 0],
    ['nothing looked at for Mass', 0],
  ]);
});
