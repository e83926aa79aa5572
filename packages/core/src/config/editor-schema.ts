import { fractionSchema } from '../protocol/protocol-schema.js';
import type { PluginRegistry, PluginRole } from '../plugin/registry.js';
import { userConfigSchema } from './user-config-schema.js';

/** The config's schema with every plugin's options in it, by kind: what an editor completes and checks. Checking itself goes kind by kind, which tells more. */
export function editorSchema(registry: PluginRegistry): object {
  const { properties } = userConfigSchema;
  return {
    ...userConfigSchema,
    properties: {
      ...properties,
      datasets: { ...properties.datasets, additionalProperties: byKind(registry, 'dataset') },
      model: {
        ...properties.model,
        properties: {
          encoder: byKind(registry, 'encoder'),
          heads: { ...properties.model.properties.heads, additionalProperties: byKind(registry, 'head') },
        },
      },
    },
  };
}

function byKind(registry: PluginRegistry, role: PluginRole): object {
  return {
    type: 'object',
    required: ['kind'],
    properties: { kind: { type: 'string' } },
    discriminator: { propertyName: 'kind' },
    oneOf: registry.kinds(role).map((kind) => branch(registry, role, kind)),
  };
}

function branch(registry: PluginRegistry, role: PluginRole, kind: string): object {
  const plugin =
    role === 'head' ? registry.head(kind) : role === 'encoder' ? registry.encoder(kind) : registry.dataset(kind);
  const options = plugin.options as { properties?: object; required?: readonly string[] };
  const own =
    role === 'dataset'
      ? { root: { type: 'string', description: 'folder of the dataset' }, fraction: fractionSchema }
      : {};
  return {
    ...options,
    required: ['kind', ...(role === 'dataset' ? ['root'] : []), ...(options.required ?? [])],
    properties: { kind: { const: kind }, ...own, ...options.properties },
  };
}
