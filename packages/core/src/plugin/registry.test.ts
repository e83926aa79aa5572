import { expect, test } from 'vitest';
import { PluginRegistry, type PluginSet } from './registry.js';

const options = { type: 'object', properties: {}, additionalProperties: false };
const plugin = (kind: string, more: object = {}): never => ({ kind, apiVersion: 1, options, ...more }) as never;
const registry = (set: Partial<PluginSet>): PluginRegistry =>
  new PluginRegistry({ heads: [], encoders: [], datasets: [], ...set });
const coded = (code: string, message = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string });

test('hands out plugins by role and kind, kinds sorted', () => {
  const [det, cls, densenet, rsna] = [plugin('det'), plugin('cls'), plugin('densenet'), plugin('rsna')];
  const found = registry({ heads: [det, cls, det], encoders: [densenet], datasets: [rsna] });
  expect(found.head('det')).toBe(det);
  expect(found.encoder('densenet')).toBe(densenet);
  expect(found.dataset('rsna')).toBe(rsna);
  expect((['head', 'encoder', 'dataset'] as const).map((role) => found.kinds(role))).toEqual([
    ['cls', 'det'],
    ['densenet'],
    ['rsna'],
  ]);
});

test('one kind may be a head and a dataset, but not two heads', () => {
  expect(registry({ heads: [plugin('covid')], datasets: [plugin('covid')] }).kinds('head')).toEqual(['covid']);
  expect(() => registry({ heads: [plugin('det'), plugin('det')] })).toThrow(
    coded('PLUGIN_DUPLICATE', 'two head plugins call themselves "det"'),
  );
});

test('an unknown kind names the role and the nearest kind or all known ones', () => {
  const found = registry({ heads: [plugin('det'), plugin('seg')] });
  expect(() => found.head('dett')).toThrow(
    coded('PLUGIN_UNKNOWN', 'no head plugin of kind "dett"; did you mean "det"?'),
  );
  expect(() => found.head('pneumonia')).toThrow(coded('PLUGIN_UNKNOWN', 'known: det, seg'));
  expect(() => found.encoder('det')).toThrow(coded('PLUGIN_UNKNOWN', 'no encoder plugin of kind "det"; known: none'));
  expect(() => found.head('constructor')).toThrow(coded('PLUGIN_UNKNOWN'));
});

test('a plugin of another API version is refused', () => {
  expect(() => registry({ encoders: [plugin('resnet', { apiVersion: 2 })] })).toThrow(
    coded('PLUGIN_API_VERSION', 'encoder plugin "resnet" is written for plugin API 2; this core speaks 1'),
  );
});

test.each([
  ['undefined', undefined],
  ['no kind', { apiVersion: 1, options }],
  ['an empty kind', plugin('')],
  ['a kind that is no text', plugin(7 as never)],
  ['no options', { kind: 'det', apiVersion: 1 }],
  ['null options', plugin('det', { options: null })],
])('what is no plugin is refused: %s', (_, value) => {
  expect(() => registry({ datasets: [value as never] })).toThrow(coded('PLUGIN_INVALID', 'see defineDataset'));
});
