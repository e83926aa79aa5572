import {
  DatasetPluginToken,
  EncoderPluginToken,
  HeadPluginToken,
  LoggerToken,
  PluginRegistry,
  PluginRegistryToken,
  type AnyHeadPlugin,
  type DatasetPlugin,
  type EncoderPlugin,
  type Logger,
  type PluginSet,
} from '@multichexnet/core';
import { chestXray14Module } from '@multichexnet/dataset-chestxray14';
import { covidModule } from '@multichexnet/dataset-covid';
import { folderModule } from '@multichexnet/dataset-folder';
import { rsnaModule } from '@multichexnet/dataset-rsna';
import { siimModule } from '@multichexnet/dataset-siim';
import { densenetModule } from '@multichexnet/encoder-densenet';
import { clsModule } from '@multichexnet/head-cls';
import { detModule } from '@multichexnet/head-det';
import { segModule } from '@multichexnet/head-seg';
import { Container, type ContainerModule } from 'inversify';

/** The plugins that come with the command, by package. */
export const builtInModules: Readonly<Record<string, ContainerModule>> = {
  '@multichexnet/encoder-densenet': densenetModule,
  '@multichexnet/head-cls': clsModule,
  '@multichexnet/head-det': detModule,
  '@multichexnet/head-seg': segModule,
  '@multichexnet/dataset-chestxray14': chestXray14Module,
  '@multichexnet/dataset-rsna': rsnaModule,
  '@multichexnet/dataset-siim': siimModule,
  '@multichexnet/dataset-covid': covidModule,
  '@multichexnet/dataset-folder': folderModule,
};

export interface ContainerOptions {
  readonly logger: Logger;
  /** Plugins that a config brings. */
  readonly plugins?: Partial<PluginSet>;
}

/** The composition root: everything is put together here and nowhere else. The engine, which takes a second to load, is bound by {@link startEngine}. */
export function createContainer({ logger, plugins = {} }: ContainerOptions): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.load(...Object.values(builtInModules));
  container.bind(LoggerToken).toConstantValue(logger);
  for (const head of plugins.heads ?? []) container.bind(HeadPluginToken).toConstantValue(head);
  for (const encoder of plugins.encoders ?? []) container.bind(EncoderPluginToken).toConstantValue(encoder);
  for (const dataset of plugins.datasets ?? []) container.bind(DatasetPluginToken).toConstantValue(dataset);
  container.bind(PluginRegistryToken).toResolvedValue(
    (heads: AnyHeadPlugin[], encoders: EncoderPlugin[], datasets: DatasetPlugin[]) =>
      new PluginRegistry({ heads, encoders, datasets }),
    [
      { serviceIdentifier: HeadPluginToken, isMultiple: true },
      { serviceIdentifier: EncoderPluginToken, isMultiple: true },
      { serviceIdentifier: DatasetPluginToken, isMultiple: true },
    ],
  );
  return container;
}
