import { HeadPluginToken } from '@multichexnet/core';
import { ContainerModule } from 'inversify';
import { seg } from './plugin.js';

/** Offers the segmentation head to the registry. */
export const segModule = new ContainerModule(({ bind }) => {
  bind(HeadPluginToken).toConstantValue(seg);
});
