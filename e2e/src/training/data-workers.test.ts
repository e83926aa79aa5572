import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger, type RunResult } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { writeTinyData } from './tiny-data.js';
import { resultFiles, runTiny, tinyProtocol, type Words } from './tiny-run.js';
import { useTinyData } from './use-tiny-data.js';

const tiny = useTinyData('data-workers');

const phases = (steps: number): Words => ({
  both: {
    schedule: {
      kind: 'alternating',
      turns: [
        { on: 'one', train: ['encoder', 'cls'] },
        { on: 'two', train: ['encoder', 'seg'] },
      ],
    },
    steps,
    augment: { rotate: 20, scale: 0.1, gamma: 0.2 },
  },
});

async function files(more: Words): Promise<Record<string, string>> {
  const out = tiny.newRun();
  await runTiny(tiny.engine, tinyProtocol(tiny.data, phases(100), more), out);
  const { 'config.json': _, ...others } = await resultFiles(out);
  return others;
}

test('100 steps, then evaluation: the same bytes with 0, 1 and 4 data workers, with a cache and without', async () => {
  const none = await files({ workers: 0 });
  expect(Object.keys(none).some((name) => name.endsWith('model.safetensors'))).toBe(true);
  expect(await files({ workers: 1 })).toEqual(none);
  const cache = { folder: join(tiny.folder, 'cache'), limit: '1 MB' };
  expect(await files({ workers: 4, prefetch: 5, cache })).toEqual(none);
  expect((await readdir(cache.folder, { recursive: true })).some((name) => name.endsWith('.pixels'))).toBe(true);
  expect(await files({ workers: 2, prefetch: 1, cache })).toEqual(none);
});

test('broken files stop training with their own error, unless so many may be left out', async () => {
  const broken = join(tiny.folder, 'broken');
  await writeTinyData(join(broken, 'one'), { images: 40, perPatient: 2, seed: 1 });
  await writeTinyData(join(broken, 'two'), { images: 36, seed: 2 });
  const images = (await readdir(join(broken, 'two'), { recursive: true })).filter((name) => name.endsWith('.png'));
  const hurt = images.sort().filter((_, i) => i % 9 === 0);
  for (const name of hurt) await truncate(join(broken, 'two', name), 60);
  for (const workers of [0, 2]) {
    const run = (maxBroken: number, warnings: string[] = []): Promise<RunResult> =>
      runTiny(tiny.engine, tinyProtocol(broken, phases(10), { workers, maxBroken }), tiny.newRun(), {
        logger: { ...silentLogger, warn: (text) => warnings.push(text) },
      });
    await expect(run(0)).rejects.toMatchObject({
      code: 'IMAGE_CORRUPT',
      path: expect.stringContaining(broken) as string,
    });
    await expect(run(1)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    const warnings: string[] = [];
    const { run: out, leftOut = [] } = await run(hurt.length, warnings);
    expect(leftOut.map(({ file, code }) => [file, code])).toEqual(
      hurt.map((name) => [join(broken, 'two', name), 'IMAGE_CORRUPT']),
    );
    expect(JSON.parse(await readFile(join(out, 'left-out.json'), 'utf8'))).toEqual(leftOut);
    for (const name of hurt)
      expect(warnings.filter((text) => text.includes(join(broken, 'two', name)))).toHaveLength(1);
  }
});
