import type { OptionSpec } from './argument-spec.js';

export const device: OptionSpec = { value: 'cpu|gpu', help: 'where to compute, default cpu; gpu wants setup --gpu' };
