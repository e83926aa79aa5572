import { HeadPluginToken } from '@multichexnet/core';
import { ContainerModule } from 'inversify';
import { cls } from './plugin.js';

/** Offers the classification head to the registry. */
export const clsModule = new ContainerModule(({ bind }) => {
  bind(HeadPluginToken).toConstantValue(cls);
});
