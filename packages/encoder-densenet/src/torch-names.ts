/** A weight of ours as a file calls it. */
export interface ForeignName {
  readonly name: string;
  /** `oihw`: PyTorch's kernel, to be transposed to [h, w, in, out]. */
  readonly layout: 'same' | 'oihw';
}

const NORM: Readonly<Record<string, string>> = {
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/**
 * torchvision's and timm's name of one of our weights (`conv2_block1_1_bn/gamma` -> `features.denseblock1.denselayer1.norm2.weight`); undefined for a
 * layer that PyTorch's DenseNet does not have.
 */
export function torchName(ours: string): ForeignName | undefined {
  const [layer, weight] = ours.split('/') as [string, string];
  const module = torchModule(layer);
  if (module === undefined) return undefined;
  if (weight === 'kernel') return { name: `features.${module}.weight`, layout: 'oihw' };
  const norm = NORM[weight];
  return norm === undefined ? undefined : { name: `features.${module}.${norm}`, layout: 'same' };
}

function torchModule(layer: string): string | undefined {
  const fixed: Readonly<Record<string, string>> = { conv1_conv: 'conv0', conv1_bn: 'norm0', bn: 'norm5' };
  if (fixed[layer] !== undefined) return fixed[layer];
  const dense = /^conv(\d)_block(\d+)_([012])_(bn|conv)$/.exec(layer);
  if (dense !== null) {
    const [, stage, number, part, kind] = dense as unknown as [string, string, string, string, string];
    const module = kind === 'bn' ? `norm${Number(part) + 1}` : `conv${part}`;
    return `denseblock${Number(stage) - 1}.denselayer${number}.${module}`;
  }
  const transition = /^pool(\d)_(bn|conv)$/.exec(layer);
  if (transition !== null) return `transition${Number(transition[1]) - 1}.${transition[2] === 'bn' ? 'norm' : 'conv'}`;
  return undefined;
}

/**
 * A file's key as torchvision writes it today: without the prefix of a wrapper (`module.densenet121.`, `model.`), with `norm.1` -> `norm1` of the first
 * releases.
 */
export function modernTorchKey(key: string): string {
  const start = key.indexOf('features.');
  return (start > 0 ? key.slice(start) : key).replace(/\b(norm|conv)\.([12])\./, '$1$2.');
}
