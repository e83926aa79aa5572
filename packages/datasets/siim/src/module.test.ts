import { DatasetPluginToken } from '@multichexnet/core';
import { Container } from 'inversify';
import { expect, test } from 'vitest';
import { siimModule } from './module.js';
import { siimDataset } from './plugin.js';

test('the module binds the plugin', () => {
  const container = new Container();
  container.load(siimModule);
  expect(container.getAll(DatasetPluginToken)).toEqual([siimDataset]);
});
