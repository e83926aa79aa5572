import { encodePngGrey } from '@multichexnet/imaging';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atMost, type Benchmark } from '../benchmark.js';
import { pythonContender, type Contender } from '../contender.js';
import type { Entry } from '../interleave.js';
import { networkFolder } from '../network-files.js';
import { round } from '../statistics.js';
import { SIZE } from '../workload.js';

/** Pixels per side of the image on disk. */
const ORIGINAL = 1024;
const IMAGE = 'image.png';

/** From the start of the process to the first prediction, libraries, weights and image included. */
export const start: Benchmark = {
  name: 'start',
  what: 'process start to the first prediction, against PyTorch (needs the peers)',
  settings: { network: 'DenseNet-121', pixels: SIZE, image: `${ORIGINAL} x ${ORIGINAL} PNG` },
  rounds: 5,
  contenders: () => {
    const folder = networkFolder();
    const image = join(folder, IMAGE);
    const built: Contender = {
      name: 'multichexnet',
      label: 'MultiCheXNet, built packages',
      command: process.execPath,
      args: [fileURLToPath(new URL('../children/start.mjs', import.meta.url)), folder, image],
      env: { TF_CPP_MIN_LOG_LEVEL: '2' },
    };
    return [built, pythonContender('torch', 'PyTorch', 'start_torch', [folder, image])];
  },
  prepare: async () => {
    const { ensureBuilt } = (await import(new URL('../../../tools/ensure-built.mjs', import.meta.url).href)) as {
      ensureBuilt: () => Promise<void>;
    };
    await ensureBuilt();
    writeFileSync(join(networkFolder(), IMAGE), await encodePngGrey(gradient(), ORIGINAL, ORIGINAL));
  },
  conclude: (entries) => {
    const { ms, notes } = entries['multichexnet'] as Entry;
    const torch = entries['torch'] as Entry;
    const ratio = round((ms['firstPrediction'] as number) / (torch.ms['firstPrediction'] as number));
    const apart = round(Math.abs(Number(notes?.['probability']) - Number(torch.notes?.['probability'])));
    return {
      ratios: { 'multichexnet/torch': ratio },
      checks: [
        atMost('multichexnet / torch, start to first prediction', ratio, 0.6),
        atMost('difference between the probabilities', apart, 1e-2),
      ],
    };
  },
};

/** A smooth picture, which a PNG packs about as well as a radiograph. */
function gradient(): Uint8Array {
  return Uint8Array.from({ length: ORIGINAL * ORIGINAL }, (_, i) => {
    const [x, y] = [i % ORIGINAL, Math.floor(i / ORIGINAL)];
    return 128 + 90 * Math.sin(x / 90) * Math.cos(y / 130) + ((x * 7 + y * 13) % 9);
  });
}
