import { DatasetPluginToken } from '@multichexnet/core';
import { ContainerModule } from 'inversify';
import { siimDataset } from './plugin.js';

export const siimModule = new ContainerModule(({ bind }) => {
  bind(DatasetPluginToken).toConstantValue(siimDataset);
});
