import { DatasetPluginToken } from '@multichexnet/core';
import { ContainerModule } from 'inversify';
import { csvDataset, folderDataset } from './plugin.js';

export const folderModule = new ContainerModule(({ bind }) => {
  bind(DatasetPluginToken).toConstantValue(csvDataset);
  bind(DatasetPluginToken).toConstantValue(folderDataset);
});
