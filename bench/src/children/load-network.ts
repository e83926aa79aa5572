import { decodeSafetensors, loadParameters, type HeadModule, type NamedTensor } from '@multichexnet/core';
import { readFileSync } from 'node:fs';

/** Copies the classification head's PyTorch weights (`classifier.<layer>.*`) into ours; the encoder reads its own. */
export function loadHead(head: HeadModule, file: string): void {
  const { tensors } = decodeSafetensors(readFileSync(file), file);
  const values: Record<string, NamedTensor> = {};
  for (const layer of ['features', 'decision']) {
    values[`cls/${layer}/kernel`] = transposed(tensors[`classifier.${layer}.weight`]!);
    values[`cls/${layer}/bias`] = tensors[`classifier.${layer}.bias`]!;
  }
  const missing = loadParameters(head.parameters, values);
  if (missing.length > 0) throw new Error(`${file} lacks ${missing.join(', ')}`);
}

/** [out, in] -> [in, out] */
function transposed({ shape, data }: NamedTensor): NamedTensor {
  const [rows, columns] = shape as [number, number];
  const turned = new Float32Array(data.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = data[r * columns + c] as number;
  return { shape: [columns, rows], data: turned };
}
