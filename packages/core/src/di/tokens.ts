import type { ServiceIdentifier } from 'inversify';
import type { Engine } from '../engine/engine.js';
import type { Logger } from '../log/logger.js';
import type { DatasetPlugin } from '../plugin/dataset-plugin.js';
import type { EncoderPlugin } from '../plugin/encoder-plugin.js';
import type { AnyHeadPlugin } from '../plugin/head-plugin.js';
import type { PluginRegistry } from '../plugin/registry.js';

/** A typed injection token. `Symbol.for`, because a plugin may bring its own copy of core. */
export function token<T>(name: string): ServiceIdentifier<T> {
  return Symbol.for(`@multichexnet/core/${name}`);
}

/** The native engine; one a process. */
export const EngineToken = token<Engine>('Engine');
export const LoggerToken = token<Logger>('Logger');
/** Bound once for every head, encoder and dataset; `PluginRegistry` gathers them. */
export const HeadPluginToken = token<AnyHeadPlugin>('HeadPlugin');
export const EncoderPluginToken = token<EncoderPlugin>('EncoderPlugin');
export const DatasetPluginToken = token<DatasetPlugin>('DatasetPlugin');
export const PluginRegistryToken = token<PluginRegistry>('PluginRegistry');
