import type { EncoderPlugin, OptionsOf, OptionsSchema } from '@multichexnet/core';
import { registerChecks, type Skip } from './checks.js';
import { encoderChecks } from './encoder-checks.js';
import { completeOptions, optionsChecks } from './options-checks.js';

export interface EncoderTestOptions<S extends OptionsSchema> {
  /** Plugin options; a small input size keeps the kit quick. */
  readonly options?: Partial<OptionsOf<S>>;
  readonly skip?: readonly Skip[];
}

/**
 * Registers the conformance tests of an encoder with vitest: contract, strict options, levels and shapes, gradients, batch independence at inference, traced
 * equals eager, determinism, isolation, saving, leaks.
 *
 * @example
 * testEncoder(densenet, { options: { depth: 'small', size: 64 } });
 */
export function testEncoder<S extends OptionsSchema>(
  plugin: EncoderPlugin<S>,
  { options = {}, skip = [] }: EncoderTestOptions<S> = {},
): void {
  const anyPlugin = plugin as unknown as EncoderPlugin;
  registerChecks(
    `encoder "${plugin.kind}"`,
    [
      ...optionsChecks(anyPlugin, ['create'], options),
      ...encoderChecks({ plugin: anyPlugin, options: completeOptions(anyPlugin, options) }),
    ],
    skip,
  );
}
