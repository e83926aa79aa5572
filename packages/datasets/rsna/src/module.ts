import { DatasetPluginToken } from '@multichexnet/core';
import { ContainerModule } from 'inversify';
import { rsnaDataset } from './plugin.js';

export const rsnaModule = new ContainerModule(({ bind }) => {
  bind(DatasetPluginToken).toConstantValue(rsnaDataset);
});
