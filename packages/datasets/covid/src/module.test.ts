import { DatasetPluginToken } from '@multichexnet/core';
import { Container } from 'inversify';
import { expect, test } from 'vitest';
import { covidModule } from './module.js';
import { covidDataset } from './plugin.js';

test('the module binds the plugin', () => {
  const container = new Container();
  container.load(covidModule);
  expect(container.getAll(DatasetPluginToken)).toEqual([covidDataset]);
});
