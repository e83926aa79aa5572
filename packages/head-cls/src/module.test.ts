import { HeadPluginToken } from '@multichexnet/core';
import { Container } from 'inversify';
import { expect, test } from 'vitest';
import { clsModule } from './module.js';
import { cls } from './plugin.js';

test('the module binds the plugin', () => {
  const container = new Container();
  container.load(clsModule);
  expect(container.getAll(HeadPluginToken)).toEqual([cls]);
});
