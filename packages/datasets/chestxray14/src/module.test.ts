import { DatasetPluginToken } from '@multichexnet/core';
import { Container } from 'inversify';
import { expect, test } from 'vitest';
import { chestXray14Module } from './module.js';
import { chestXray14Dataset } from './plugin.js';

test('the module binds the plugin', () => {
  const container = new Container();
  container.load(chestXray14Module);
  expect(container.getAll(DatasetPluginToken)).toEqual([chestXray14Dataset]);
});
