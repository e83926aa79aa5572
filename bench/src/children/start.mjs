// node start.mjs FOLDER IMAGE: what `predict` does, on the built packages.
import {
  createInference,
  decodeSafetensors,
  loadParameters,
  ModelPool,
  PluginRegistry,
  prepareImage,
  stretchTo,
} from '@multichexnet/core';
import { densenet } from '@multichexnet/encoder-densenet';
import { createEngine } from '@multichexnet/engine';
import { cls, CHESTXRAY14_CLASSES } from '@multichexnet/head-cls';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, image] = process.argv.slice(2);
const weights = join(folder, 'network.safetensors');
const engine = await createEngine();
const registry = new PluginRegistry({ heads: [cls], encoders: [densenet], datasets: [] });
const encoder = { kind: 'densenet', depth: 121, size: 256, normalise: 'unit', weights };
const pool = new ModelPool(engine, registry, encoder, 1, 'loaded');
const head = pool.head('cls', { kind: 'cls', classes: CHESTXRAY14_CLASSES, hidden: 256, dropout: 0.2 });
const { tensors } = decodeSafetensors(readFileSync(weights), weights);
const values = {};
for (const layer of ['features', 'decision']) {
  const { shape, data } = tensors[`classifier.${layer}.weight`];
  const [rows, columns] = shape;
  const turned = Float32Array.from(
    { length: data.length },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)],
  );
  values[`cls/${layer}/kernel`] = { shape: [columns, rows], data: turned };
  values[`cls/${layer}/bias`] = tensors[`classifier.${layer}.bias`];
}
loadParameters(head.parameters, values);
const inference = createInference(engine, pool.encoder, [head], 1);
const sample = { dataset: 'file', id: image, image, patient: {}, labels: {}, split: 'test' };
const [outputs] = await inference.run([await prepareImage(sample, stretchTo(256))]);
const logit = outputs.cls[0][0];
const firstPrediction = Date.now() - Number(process.env['BENCH_STARTED']);
const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
const measurement = {
  library: `${engine.info.name} ${engine.info.version}`,
  times: { firstPrediction: [firstPrediction] },
  peakBytes: Number(peak[1]) * 1024,
  notes: { probability: 1 / (1 + Math.exp(-logit)) },
};
process.stdout.write(`${JSON.stringify(measurement)}\n`);
engine.dispose();
