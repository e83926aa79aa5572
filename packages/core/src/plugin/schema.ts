import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/** Options of a plugin as JSON Schema data (`as const`), so that editors, the validator and TypeScript read one source. */
export type OptionsSchema = JSONSchema & { readonly type: 'object'; readonly additionalProperties: false };

/** The validated options: defaulted properties are present. */
export type OptionsOf<S> = S extends JSONSchema ? FromSchema<S> : never;
