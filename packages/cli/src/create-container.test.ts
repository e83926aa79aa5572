import { defineDataset, defineHead, LoggerToken, PluginRegistryToken, silentLogger } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { builtInModules, createContainer } from './create-container.js';
import { describeBuiltIns } from './describe-plugins.js';

const none = { type: 'object', properties: {}, additionalProperties: false } as const;
const age = defineHead({
  kind: 'age',
  apiVersion: 1,
  options: none,
  label: () => undefined,
  create: () => {
    throw new Error('not built here');
  },
});

test('the container is wholesome: every token resolves, once', () => {
  const container = createContainer({ logger: silentLogger });
  const registry = container.get(PluginRegistryToken);
  expect(container.get(PluginRegistryToken)).toBe(registry);
  expect(container.get(LoggerToken)).toBe(silentLogger);
  expect({
    encoders: registry.kinds('encoder'),
    heads: registry.kinds('head'),
    datasets: registry.kinds('dataset'),
  }).toEqual({
    encoders: ['densenet'],
    heads: ['cls', 'det', 'seg'],
    datasets: ['chestxray14', 'covid', 'csv', 'folder', 'rsna', 'siim'],
  });
});

test('plugins of a config stand beside the built-in ones; a kind that is taken is refused', () => {
  const own = createContainer({ logger: silentLogger, plugins: { heads: [age] } }).get(PluginRegistryToken);
  expect(own.kinds('head')).toEqual(['age', 'cls', 'det', 'seg']);
  const rsna = defineDataset({
    kind: 'rsna',
    apiVersion: 1,
    options: none,
    layout: [],
    open: undefined as never,
    checkTable: undefined as never,
  });
  expect(() =>
    createContainer({ logger: silentLogger, plugins: { datasets: [rsna] } }).get(PluginRegistryToken),
  ).toThrow(expect.objectContaining({ code: 'PLUGIN_DUPLICATE' }) as Error);
  // Another container does not know them.
  expect(createContainer({ logger: silentLogger }).get(PluginRegistryToken).kinds('head')).not.toContain('age');
});

test('every built-in package says what it brings', () => {
  const found = describeBuiltIns();
  expect(new Set(found.map((plugin) => plugin.package))).toEqual(new Set(Object.keys(builtInModules)));
  for (const { version, options } of found) {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(options).toMatchObject({ type: 'object', additionalProperties: false });
  }
});
