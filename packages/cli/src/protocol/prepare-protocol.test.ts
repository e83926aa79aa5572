import { parseConfigText, PluginRegistryToken, silentLogger } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { createContainer } from '../create-container.js';
import { findProtocol, namedProtocols } from './find-protocol.js';
import { parseRoots, prepareProtocol } from './prepare-protocol.js';
import { defaultRunFolder } from './run-folder.js';

const registry = createContainer({ logger: silentLogger }).get(PluginRegistryToken);
const source = parseConfigText(
  `name: p
datasets:
  a: { kind: rsna }
  b: { kind: rsna }
model:
  encoder: { kind: densenet, depth: small, size: 32 }
  heads: { cls: { kind: cls } }
phases:
  one: { train: [encoder, cls], on: a, steps: 3 }
`,
  '/p.yaml',
);

test('roots go to the dataset of that name, and to all of that kind that have none of their own; --set comes first', async () => {
  const { protocol } = await prepareProtocol({
    source,
    registry,
    set: ['phases.one.steps=9', 'seed=4'],
    roots: parseRoots(['rsna=/all', 'b=/own=x']),
  });
  expect(protocol.datasets).toMatchObject({ a: { root: '/all' }, b: { root: '/own=x' } });
  expect([protocol.phases[0]?.steps, protocol.seed]).toEqual([9, 4]);
  expect(source.value['seed']).toBeUndefined();
});

test('a dataset named as its kind shares its root with the others of that kind', async () => {
  const file = {
    ...source,
    value: { ...source.value, datasets: { rsna: { kind: 'rsna' }, 'rsna-1': { kind: 'rsna', fraction: 0.01 } } },
  };
  const roots = parseRoots(['rsna=/all']);
  const prepared = await prepareProtocol({ source: file, registry, set: ['phases.one.on=rsna-1'], roots }).catch(
    (error: unknown) => error,
  );
  expect(prepared).toMatchObject({ protocol: { datasets: { rsna: { root: '/all' }, 'rsna-1': { root: '/all' } } } });
});

test('a root for nothing, without a value, or given twice', async () => {
  const roots = parseRoots(['rsnaa=/x']);
  await expect(prepareProtocol({ source, registry, set: [], roots })).rejects.toMatchObject({
    code: 'CLI_DATA_INVALID',
  });
  expect(() => parseRoots(['rsna'])).toThrow('KIND=ROOT');
  expect(() => parseRoots(['rsna='])).toThrow('KIND=ROOT');
  expect(() => parseRoots(['a=1', 'a=2'])).toThrow('twice');
});

test('a problem has the line of the file, also where --set made it', async () => {
  await expect(prepareProtocol({ source, registry, set: ['phases.one.on=c'] })).rejects.toMatchObject({
    problems: [{ code: 'PROTOCOL_UNKNOWN_DATASET', place: { file: '/p.yaml', line: 9, path: 'phases.one.on' } }],
  });
});

test('a phase that --set made by a slip of the fingers is named with the phases there are', async () => {
  await expect(prepareProtocol({ source, registry, set: ['phases.oen.steps=3'] })).rejects.toMatchObject({
    problems: [
      {
        code: 'CLI_SET_INVALID',
        message: '--set: there is no phase "oen"; did you mean "one"? phases: one',
        place: { path: 'phases.oen' },
      },
      { code: 'PROTOCOL_PHASE' },
    ],
  });
});

test('every protocol of this package resolves, and a wrong name lists the nearest', async () => {
  const named = await namedProtocols();
  expect(named.map(({ name }) => name)).toContain('paper');
  for (const { name } of named) {
    const { protocol } = await prepareProtocol({ source: await findProtocol(name), registry, set: [] });
    expect(protocol.name).toBe(name);
  }
  await expect(findProtocol('papr')).rejects.toMatchObject({
    code: 'CLI_PROTOCOL_NOT_FOUND',
    message: expect.stringContaining('did you mean "paper"?') as string,
  });
});

test('a run is named by what it is and when', () => {
  const now = new Date('2026-11-24T06:01:59Z');
  expect(defaultRunFolder('paper', { a: 1 }, now)).toMatch(/^runs\/paper-20261124-0601-[0-9a-f]{6}$/);
  expect(defaultRunFolder('paper', { a: 1 }, now)).not.toBe(defaultRunFolder('paper', { a: 2 }, now));
});
