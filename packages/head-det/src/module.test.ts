import { HeadPluginToken } from '@multichexnet/core';
import { Container } from 'inversify';
import { expect, test } from 'vitest';
import { detModule } from './module.js';
import { det } from './plugin.js';

test('the module binds the plugin', () => {
  const container = new Container();
  container.load(detModule);
  expect(container.getAll(HeadPluginToken)).toEqual([det]);
});
