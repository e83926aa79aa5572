import { EncoderPluginToken } from '@multichexnet/core';
import { ContainerModule } from 'inversify';
import { densenet } from './plugin.js';

/** Offers the DenseNet encoder to the registry. */
export const densenetModule = new ContainerModule(({ bind }) => {
  bind(EncoderPluginToken).toConstantValue(densenet);
});
