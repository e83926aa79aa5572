import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MultiTaskGain } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { runTiny, tinyProtocol } from './tiny-run.js';
import { useTinyData } from './use-tiny-data.js';

const tiny = useTinyData('mcx-gain');

const phases = {
  both: { schedule: { kind: 'joint', turns: [{ on: 'one', train: ['encoder', 'cls', 'seg'] }] } },
  'only-cls': { train: ['encoder', 'cls'], on: 'one' },
  'only-seg': { train: ['encoder', 'seg'], on: 'one' },
  'shorter-seg': { train: ['encoder', 'seg'], on: 'one', steps: 2 },
};

test('a run with baselines of equal steps writes its multi-task gain, over its seeds', async () => {
  const out = tiny.newRun();
  const result = await runTiny(
    tiny.engine,
    tinyProtocol(tiny.data, phases, { seeds: [3, 4], splits: { validation: 0.2, test: 0.5 } }),
    out,
  );
  const [gain, ...more] = JSON.parse(await readFile(join(out, 'tables/gain.json'), 'utf8')) as MultiTaskGain[];
  expect(more).toEqual([]);
  expect(result.gains).toEqual([gain]);
  const baselines = { 'cls@one/none': 'only-cls', 'seg@one/none': 'only-seg' };
  expect(gain).toMatchObject({ phase: 'both', steps: 6, baselines, missing: [] });
  expect(gain?.value).toEqual(expect.any(Number));
  expect(gain!.patients).toBeLessThan(gain!.images);
  const text = await readFile(join(out, 'tables/gain.md'), 'utf8');
  expect(text).toMatch(/\| both \| 6 \| cls on one: only-cls<br>seg on one: only-seg \| [+-]?\d+\.\d % /);
  expect(text).toContain('means of 2 seeds');
  // Each seed alone has its own, and the mean of these is the run's.
  const each = await Promise.all(
    [3, 4].map(async (seed) => {
      const file = join(out, `seed-${seed}`, 'tables/gain.json');
      return (JSON.parse(await readFile(file, 'utf8')) as MultiTaskGain[])[0]!.value!;
    }),
  );
  expect(gain!.value).toBeCloseTo((each[0]! + each[1]!) / 2, 12);
});

test('a run without such baselines writes none', async () => {
  const out = tiny.newRun();
  const { both, 'shorter-seg': shorter } = phases;
  expect(await runTiny(tiny.engine, tinyProtocol(tiny.data, { both, shorter }), out)).not.toHaveProperty('gains');
  await expect(readFile(join(out, 'tables/gain.json'))).rejects.toThrow('ENOENT');
});
