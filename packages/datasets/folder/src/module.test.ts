import { DatasetPluginToken } from '@multichexnet/core';
import { Container } from 'inversify';
import { expect, test } from 'vitest';
import { folderModule } from './module.js';
import { csvDataset, folderDataset } from './plugin.js';

test('the module binds both plugins', () => {
  const container = new Container();
  container.load(folderModule);
  expect(container.getAll(DatasetPluginToken)).toEqual([csvDataset, folderDataset]);
});
