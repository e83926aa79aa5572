import { HeadPluginToken } from '@multichexnet/core';
import { Container } from 'inversify';
import { expect, test } from 'vitest';
import { segModule } from './module.js';
import { seg } from './plugin.js';

test('the module binds the plugin', () => {
  const container = new Container();
  container.load(segModule);
  expect(container.getAll(HeadPluginToken)).toEqual([seg]);
});
