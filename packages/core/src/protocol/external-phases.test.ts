import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunStore } from '../run/run-store.js';
import { encoderDifference, isExternal, loadExternalPhase, loadExternalPhases } from './external-phases.js';

let folder: string;
let store: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'external-phases-'));
  store = new RunStore(join(folder, 'run'));
  await store.writeJson(
    {
      name: 'paper',
      model: { encoder: { kind: 'densenet', depth: 'small', size: 64 } },
      phases: [
        { name: 'classifier', heads: {} },
        { name: 'det', heads: {} },
      ],
    },
    'config.json',
  );
  await store.writeJson({ name: 'classifier', hash: 'abc' }, 'phases', 'classifier', 'phase.json');
});
afterEach(() => rm(folder, { recursive: true }));

const coded = (code: string, message = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string });

test('a finished phase of another run, with its hash', async () => {
  const encoder = { kind: 'densenet', depth: 'small', size: 64 };
  const wanted = {
    phase: { name: 'classifier', heads: {} },
    encoder,
    crop: 'none',
    hash: 'abc',
    run: store.folder,
    name: 'classifier',
  };
  expect(await loadExternalPhase(`${store.folder}#classifier`)).toEqual(wanted);
  expect(await loadExternalPhase(`${relative('', store.folder)}#classifier`)).toEqual(wanted);
  expect([isExternal('run#det'), isExternal('det')]).toEqual([true, false]);
});

test('another encoder is told with what differs; where its weights began does not matter', async () => {
  const external = await loadExternalPhase(`${store.folder}#classifier`);
  const own = { kind: 'densenet', depth: 'small', size: 64 };
  expect(encoderDifference(external, own)).toBeUndefined();
  expect(encoderDifference(external, { ...own, weights: 'a.safetensors' })).toBeUndefined();
  expect(encoderDifference(external, { ...own, depth: 121, size: 256 })).toMatch(
    /depth "small" there, 121 here; size 64 there, 256 here.*--set model\.encoder\.depth/,
  );
});

test('what is not there is refused: run, phase, result', async () => {
  await expect(loadExternalPhase(`${folder}#classifier`)).rejects.toThrow(coded('RUN_NOT_FOUND', folder));
  await expect(loadExternalPhase(`${store.folder}#clasifier`)).rejects.toThrow(
    coded('RUN_UNKNOWN_PHASE', 'the run has no phase "clasifier"; did you mean "classifier"?'),
  );
  await expect(loadExternalPhase(`${store.folder}#det`)).rejects.toThrow(coded('RUN_PHASE_UNFINISHED', '"det"'));
});

test.each(['{}', '[]', 'null', '{"phases": {"a": 1}}', '{"phases": [null]}', 'no json'])(
  'a config.json that is no run’s is refused: %s',
  async (text) => {
    await store.writeText(text, 'config.json');
    await expect(loadExternalPhase(`${store.folder}#classifier`)).rejects.toThrow(coded('RUN_CORRUPT'));
  },
);

test('every reference of a protocol in from and gate, each once; protocols that are wrong otherwise are left to the checks', async () => {
  const reference = `${store.folder}#classifier`;
  const protocol = {
    phases: {
      a: { from: reference, gate: { det: reference, seg: 'own' } },
      b: { from: { encoder: reference, cls: 'a' } },
      c: { from: 'a', gate: 'own' },
    },
  };
  const found = await loadExternalPhases(protocol);
  expect([...found.keys()]).toEqual([reference]);
  expect(found.get(reference)?.hash).toBe('abc');
  for (const wrong of [
    null,
    undefined,
    'x',
    7,
    [],
    {},
    { phases: null },
    { phases: 'ab' },
    { phases: { a: null, b: 3, c: { from: [1], gate: { x: null } } } },
  ])
    expect([...(await loadExternalPhases(wrong))]).toEqual([]);
});
