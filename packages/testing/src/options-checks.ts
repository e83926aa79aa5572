import { validate, type OptionsSchema } from '@multichexnet/core';
import { expect } from 'vitest';
import type { Check } from './checks.js';

interface AnyPlugin {
  readonly kind: string;
  readonly apiVersion: number;
  readonly options: OptionsSchema;
}

/** Options with the schema's defaults filled in. */
export function completeOptions(plugin: AnyPlugin, options: object): object {
  const { value, problems } = validate<object>(plugin.options, options, { path: '', owner: `plugin "${plugin.kind}"` });
  expect(problems, 'the options given to the kit must be valid').toEqual([]);
  return value;
}

/** A default of an object may be filled up by the defaults of its own properties. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the contract says of every plugin: its fields and its options schema. */
export function optionsChecks(plugin: AnyPlugin, required: readonly string[], options: object): Check[] {
  return [
    {
      name: 'contract fields',
      run: () => {
        expect(plugin.kind, 'kind: lower case words joined by -').toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
        expect(plugin.apiVersion, 'apiVersion').toBe(1);
        for (const method of required) {
          expect(plugin, `${method} is required`).toHaveProperty(method);
          expect(typeof plugin[method as keyof AnyPlugin], method).toBe('function');
        }
      },
    },
    {
      name: 'options are strict',
      run: () => {
        const { problems } = validate(
          plugin.options,
          { ...options, noSuchOption: 1 },
          { path: 'options', owner: plugin.kind },
        );
        expect(problems.map(({ code, place }) => [code, place.path])).toEqual([
          ['CONFIG_UNKNOWN_KEY', 'options.noSuchOption'],
        ]);
      },
    },
    {
      name: 'options have defaults',
      run: () => {
        const completed = completeOptions(plugin, options) as Record<string, unknown>;
        const properties = (plugin.options as { properties?: Record<string, { default?: unknown }> }).properties ?? {};
        for (const [name, { default: value }] of Object.entries(properties)) {
          if (value !== undefined && !Object.hasOwn(options, name))
            expect(completed[name], `default of "${name}"`).toEqual(
              isObject(value) ? expect.objectContaining(value) : value,
            );
        }
        expect(JSON.parse(JSON.stringify(completed)), 'options are plain data').toEqual(completed);
      },
    },
  ];
}
