import { DatasetPluginToken } from '@multichexnet/core';
import { Container } from 'inversify';
import { expect, test } from 'vitest';
import { rsnaModule } from './module.js';
import { rsnaDataset } from './plugin.js';

test('the module binds the plugin', () => {
  const container = new Container();
  container.load(rsnaModule);
  expect(container.getAll(DatasetPluginToken)).toEqual([rsnaDataset]);
});
