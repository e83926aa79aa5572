import { expect, test } from 'vitest';
import { mapLimit } from './map-limit.js';

test('keeps the order and the limit', async () => {
  let running = 0;
  let most = 0;
  const results = await mapLimit([30, 1, 20, 2, 10], 2, async (ms, index) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, ms));
    running--;
    return index * 100 + ms;
  });
  expect(results).toEqual([30, 101, 220, 302, 410]);
  expect(most).toBe(2);
});

test('a failure stops the rest', async () => {
  let calls = 0;
  const failing = mapLimit([1, 2, 3, 4], 1, (n) => {
    calls++;
    return n === 2 ? Promise.reject(new Error('two')) : Promise.resolve(n);
  });
  await expect(failing).rejects.toThrow('two');
  expect(calls).toBe(2);
});
