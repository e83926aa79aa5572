import { expect, test } from 'vitest';
import type { AnyHead, LabelledInput } from '../plugin/head-plugin.js';
import { encodeBatch, type Batch, type EncodingHead } from './batch.js';

function image(findings: Record<string, boolean>, more: Partial<LabelledInput['input']> = {}): LabelledInput {
  return {
    dataset: 'rsna',
    id: 'i',
    image: '/i.png',
    patient: { key: 'p' },
    labels: { findings },
    input: { size: 2, ...more },
  };
}

/** Says of A and B what is known, and draws the mask where there is one. */
function head(more: Partial<AnyHead> = {}, targetShapes: readonly (readonly number[])[] = [[2]]): EncodingHead {
  const plugin = {
    kind: 'two',
    label: ({ labels }: { labels: { findings: Record<string, boolean> } }) =>
      Object.keys(labels.findings).length === 0 ? undefined : labels.findings,
  };
  const created = {
    knownSize: 2,
    known: (label: Record<string, boolean>) => ['A', 'B'].map((name) => (label[name] === undefined ? 0 : 1)),
    encode: (label: Record<string, boolean>) => [Float32Array.of(Number(label['A'] ?? 0), Number(label['B'] ?? 0))],
    ...more,
  };
  return { plugin, options: {}, head: created, targetShapes } as unknown as EncodingHead;
}

/** A batch of images of two by two. */
const encode = (inputs: readonly LabelledInput[], heads: Record<string, EncodingHead>): Batch =>
  encodeBatch(new Float32Array(inputs.length * 4), inputs, heads);

test('images are taken as they are', () => {
  const images = Float32Array.of(0, 0.25, 0.5, 1, 1, 0, 0, 1);
  const batch = encodeBatch(images, [image({}), image({})], {});
  expect(batch).toEqual({ size: 2, images, imageShape: [2, 2, 2, 1], heads: {} });
  expect(batch.images).toBe(images);
});

test('an unknown label leaves zeros and says so, class by class', () => {
  const images = [image({ A: true }), image({}), image({ A: false, B: true })];
  const { cls } = encode(images, { cls: head() }).heads;
  expect(cls?.known).toEqual({ shape: [3, 2], data: Float32Array.of(1, 0, 0, 0, 1, 1) });
  expect(cls?.targets).toEqual([{ shape: [3, 2], data: Float32Array.of(1, 0, 0, 0, 0, 1) }]);
});

test('without `known` a label is known as a whole; numbers stand for shape [1], several targets are kept apart', () => {
  const whole = head(
    { knownSize: undefined as never, known: undefined as never, encode: () => [7, Float32Array.of(1, 2)] },
    [[1], [1, 2]],
  );
  const { age } = encode([image({}), image({ A: true })], { age: whole }).heads;
  expect(age?.known).toEqual({ shape: [2, 1], data: Float32Array.of(0, 1) });
  expect(age?.targets).toEqual([
    { shape: [2, 1], data: Float32Array.of(0, 7) },
    { shape: [2, 1, 2], data: Float32Array.of(0, 0, 1, 2) },
  ]);
});

test('a head sees boxes and mask in input coordinates, absent where unknown', () => {
  const seen: unknown[] = [];
  const spy = head();
  const watching = {
    ...spy,
    plugin: { ...spy.plugin, label: (sample: { input: unknown }) => void seen.push(sample.input) },
  };
  const box = { x: 0, y: 0, width: 1, height: 2 };
  encode([image({}), image({}, { boxes: [box], mask: Uint8Array.of(1, 0, 0, 0) })], { spy: watching });
  expect(seen).toEqual([{ size: 2 }, { size: 2, boxes: [box], mask: Uint8Array.of(1, 0, 0, 0) }]);
});

const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 'HEAD_INVALID', message: expect.stringContaining(message) as string });

test('a head that does not keep to its own sizes is refused by name', () => {
  const encoding = (one: EncodingHead) => () => encode([image({ A: true })], { cls: one });
  expect(encoding(head({ encode: () => [Float32Array.of(1)] }))).toThrow(
    invalid('head "two" encoded 1 values for target 0 of shape [2]'),
  );
  expect(encoding(head({ encode: () => [] }))).toThrow(invalid('encoded 0 targets, where it has 1'));
  expect(encoding(head({ encode: () => [Float32Array.of(1, 1), 1] }))).toThrow(invalid('encoded 2 targets'));
  expect(encoding(head({ known: () => [1] }))).toThrow(
    invalid('of 1 classes whether they are known; its knownSize is 2'),
  );
  expect(encoding(head({ known: () => [1, 1, 1] }))).toThrow(invalid('of 3 classes'));
});
