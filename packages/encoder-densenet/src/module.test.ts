import { EncoderPluginToken } from '@multichexnet/core';
import { Container } from 'inversify';
import { expect, test } from 'vitest';
import { densenetModule } from './module.js';
import { densenet } from './plugin.js';

test('the module binds the plugin', () => {
  const container = new Container();
  container.load(densenetModule);
  expect(container.getAll(EncoderPluginToken)).toEqual([densenet]);
});
