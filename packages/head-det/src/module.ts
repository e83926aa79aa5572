import { HeadPluginToken } from '@multichexnet/core';
import { ContainerModule } from 'inversify';
import { det } from './plugin.js';

/** Offers the detection head to the registry. */
export const detModule = new ContainerModule(({ bind }) => {
  bind(HeadPluginToken).toConstantValue(det);
});
