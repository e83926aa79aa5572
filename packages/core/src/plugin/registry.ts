import { MultichexnetError } from '../errors.js';
import type { DatasetPlugin } from './dataset-plugin.js';
import type { EncoderPlugin } from './encoder-plugin.js';
import type { AnyHeadPlugin } from './head-plugin.js';
import { suggestion } from './nearest.js';

const API_VERSION = 1;

export type PluginRole = 'head' | 'encoder' | 'dataset';
interface AnyPlugin {
  readonly kind: string;
  readonly apiVersion: number;
  readonly options: object;
}

export interface PluginSet {
  readonly heads: readonly AnyHeadPlugin[];
  readonly encoders: readonly EncoderPlugin[];
  readonly datasets: readonly DatasetPlugin[];
}

/** The plugins of one process, by role and kind. An instance, never a module global. */
export class PluginRegistry {
  private readonly plugins: Record<PluginRole, Map<string, AnyPlugin>> = {
    head: new Map(),
    encoder: new Map(),
    dataset: new Map(),
  };

  /** @throws MultichexnetError PLUGIN_DUPLICATE, PLUGIN_API_VERSION, PLUGIN_INVALID */
  constructor(set: PluginSet) {
    for (const head of set.heads) this.add('head', head);
    for (const encoder of set.encoders) this.add('encoder', encoder);
    for (const dataset of set.datasets) this.add('dataset', dataset);
  }

  head(kind: string): AnyHeadPlugin {
    return this.find('head', kind) as AnyHeadPlugin;
  }

  encoder(kind: string): EncoderPlugin {
    return this.find('encoder', kind) as EncoderPlugin;
  }

  dataset(kind: string): DatasetPlugin {
    return this.find('dataset', kind) as DatasetPlugin;
  }

  kinds(role: PluginRole): string[] {
    return [...this.plugins[role].keys()].sort();
  }

  private add(role: PluginRole, plugin: AnyPlugin): void {
    const at = `${role} plugin "${String(plugin?.kind)}"`;
    if (
      typeof plugin?.kind !== 'string' ||
      plugin.kind === '' ||
      typeof plugin.options !== 'object' ||
      plugin.options === null
    )
      throw new MultichexnetError(
        'PLUGIN_INVALID',
        `${at} has no kind or no options schema; see define${role[0]?.toUpperCase()}${role.slice(1)}`,
      );
    if (plugin.apiVersion !== API_VERSION)
      throw new MultichexnetError(
        'PLUGIN_API_VERSION',
        `${at} is written for plugin API ${plugin.apiVersion}; this core speaks ${API_VERSION}`,
      );
    const other = this.plugins[role].get(plugin.kind);
    if (other !== undefined && other !== plugin)
      throw new MultichexnetError(
        'PLUGIN_DUPLICATE',
        `two ${role} plugins call themselves "${plugin.kind}"; remove one of them`,
      );
    this.plugins[role].set(plugin.kind, plugin);
  }

  private find(role: PluginRole, kind: string): AnyPlugin {
    const plugin = this.plugins[role].get(kind);
    if (plugin === undefined)
      throw new MultichexnetError(
        'PLUGIN_UNKNOWN',
        `no ${role} plugin of kind "${kind}"; ${suggestion(kind, this.kinds(role))}`,
      );
    return plugin;
  }
}
