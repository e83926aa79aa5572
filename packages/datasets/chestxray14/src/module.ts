import { DatasetPluginToken } from '@multichexnet/core';
import { ContainerModule } from 'inversify';
import { chestXray14Dataset } from './plugin.js';

export const chestXray14Module = new ContainerModule(({ bind }) => {
  bind(DatasetPluginToken).toConstantValue(chestXray14Dataset);
});
