import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallQueue } from './call-queue.js';

test('calls that write nothing overlap, all others run alone and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ reads: fc.boolean(), turns: fc.nat(3), fails: fc.boolean() })),
      async (calls) => {
        const queue = new CallQueue();
        const running = new Set<number>();
        const ends: number[] = [];
        const begun: number[] = [];
        const results = calls.map(({ reads, turns, fails }, i) =>
          queue.add(async () => {
            const writers = [...running].filter((other) => !calls[other]?.reads);
            expect(reads ? writers : [...running]).toEqual([]);
            running.add(i);
            begun.push(i);
            for (let turn = 0; turn < turns; turn++) await Promise.resolve();
            running.delete(i);
            ends.push(i);
            if (fails) throw new Error(`call ${i}`);
            return i;
          }, reads),
        );
        const idle = queue.whenIdle(() => ends.length);
        await Promise.allSettled(results);
        expect(await idle).toBe(calls.length);
        expect(queue.busy).toBe(false);
        expect(begun).toEqual(calls.map((_, i) => i));
        await Promise.all(
          results.map((result, i) =>
            calls[i]?.fails ? expect(result).rejects.toThrow(`call ${i}`) : expect(result).resolves.toBe(i),
          ),
        );
      },
    ),
  );
});

test('calls that write nothing are under way at once', () => {
  const queue = new CallQueue();
  let begun = 0;
  const forever = (): Promise<never> => new Promise(() => void begun++);
  void queue.add(forever, true);
  void queue.add(forever, true);
  expect(begun).toBe(2);
  void queue.add(forever);
  void queue.add(forever, true);
  expect(begun).toBe(2);
});
