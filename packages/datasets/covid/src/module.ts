import { DatasetPluginToken } from '@multichexnet/core';
import { ContainerModule } from 'inversify';
import { covidDataset } from './plugin.js';

export const covidModule = new ContainerModule(({ bind }) => {
  bind(DatasetPluginToken).toConstantValue(covidDataset);
});
