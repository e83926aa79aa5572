import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MultichexnetError } from '../errors.js';
import { Heartbeat } from './heartbeat.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const addresses = ['a:1', 'b:1', 'c:1'];

/** A group of three as rank 1 sees it; `state` says what each check of a rank gives. */
function group(state: Record<number, string | undefined>) {
  const aborted: string[] = [];
  const asked: number[] = [];
  return {
    aborted,
    asked,
    group: {
      rank: 1,
      size: 3,
      check: (rank: number) => {
        asked.push(rank);
        return Promise.resolve(state[rank]);
      },
      abort: (message: string) => void aborted.push(message),
    },
  };
}

test('every ten seconds every other rank is asked; one that twice gives no answer is named, and what waits for it ends', async () => {
  const state: Record<number, string | undefined> = {};
  const lost: MultichexnetError[] = [];
  const { group: own, aborted, asked } = group(state);
  const heartbeat = new Heartbeat({ group: own, addresses, onLost: (error) => lost.push(error) });
  heartbeat.start();
  await vi.advanceTimersByTimeAsync(21_000);
  expect(asked).toEqual([0, 2, 0, 2]);
  state[2] = 'no answer\nsecond line (DEADLINE_EXCEEDED)';
  await vi.advanceTimersByTimeAsync(12_000);
  expect(aborted).toEqual(['rank 2 is lost']);
  expect(lost.map(({ code, message }) => [code, message])).toEqual([
    ['PEER_LOST', expect.stringContaining('rank 2 at c:1 is lost (no answer (DEADLINE_EXCEEDED))')],
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lost.length).toBe(1);
});

test('one answer that did not come is no loss, and after stop nothing is', async () => {
  const state: Record<number, string | undefined> = { 0: 'busy' };
  const { group: own, aborted } = group(state);
  const heartbeat = new Heartbeat({ group: own, addresses });
  heartbeat.start();
  await vi.advanceTimersByTimeAsync(11_000);
  state[0] = undefined;
  await vi.advanceTimersByTimeAsync(5_000);
  heartbeat.stop();
  state[0] = 'gone';
  await vi.advanceTimersByTimeAsync(60_000);
  expect(aborted).toEqual([]);
});

test('a failed step is explained by the rank that is gone, else by itself', async () => {
  const state: Record<number, string | undefined> = {};
  const { group: own } = group(state);
  const heartbeat = new Heartbeat({ group: own, addresses });
  const failure = new Error('collective failed');
  expect(await heartbeat.explain(failure)).toBe(failure);
  state[0] = 'refused (UNAVAILABLE)';
  const explained = heartbeat.explain(failure);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await explained).toMatchObject({ code: 'PEER_LOST' });
});

test('ranks that are not there yet are waited for, until the limit', async () => {
  const state: Record<number, string | undefined> = { 2: 'refused' };
  const waits: unknown[] = [];
  const { group: own } = group(state);
  const heartbeat = new Heartbeat({ group: own, addresses });
  const met = heartbeat.meet(5_000, (rank, address) => waits.push([rank, address]));
  await vi.advanceTimersByTimeAsync(2_000);
  state[2] = undefined;
  await vi.advanceTimersByTimeAsync(1_000);
  await met;
  expect(waits).toEqual([[2, 'c:1']]);
  state[2] = 'refused';
  for (const [wanted, code] of [
    ['interrupted', 'INTERRUPTED'],
    ['preempted', 'RUN_PREEMPTED'],
  ] as const) {
    const ended = heartbeat
      .meet(
        5_000,
        () => undefined,
        () => wanted,
      )
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(100);
    expect(await ended).toMatchObject({ code });
  }
  const missed = heartbeat.meet(5_000, () => undefined).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await missed).toMatchObject({
    code: 'PEER_MISSING',
    message: 'rank 2 at c:1 did not come within 5 s: refused',
  });
});
