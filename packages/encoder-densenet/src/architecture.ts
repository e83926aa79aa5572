import type { DenseNetOptions } from './options.js';

/** What tells one DenseNet from another. */
export interface Architecture {
  /** `imagenet`: 7x7 stride 2, then 3x3 max pooling stride 2. `small`: 5x5 stride 2, a level of its own, then 2x2 max pooling. */
  readonly stem: 'imagenet' | 'small';
  readonly stemFilters: number;
  /** Channels that each layer adds. */
  readonly growth: number;
  /** Channels of the 1x1 convolution in front of each 3x3; 0 = none. */
  readonly bottleneck: number;
  /** Layers of each dense block. */
  readonly blocks: readonly number[];
}

/** Huang et al. 2017, Table 1: growth 32, bottleneck 4 x growth, compression 1/2. */
const imagenet = (blocks: readonly number[]): Architecture => ({
  stem: 'imagenet',
  stemFilters: 64,
  growth: 32,
  bottleneck: 128,
  blocks,
});

export const ARCHITECTURES: Record<DenseNetOptions['depth'], Architecture> = {
  121: imagenet([6, 12, 24, 16]),
  169: imagenet([6, 12, 32, 32]),
  201: imagenet([6, 12, 48, 32]),
  small: { stem: 'small', stemFilters: 24, growth: 16, bottleneck: 0, blocks: [2, 2, 2] },
};
