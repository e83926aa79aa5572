import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type Benchmark } from '../benchmark.js';
import { ownContender, type MeasureFunction } from '../contender.js';
import type { Entry } from '../interleave.js';

/** ChestX-ray14 as it is: 112,120 images of 30,805 patients in twelve folders. */
const IMAGES = 112_120;
const PATIENTS = 30_805;
const FOLDERS = 12;
const HEADER =
  'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]';
const LABELS = ['No Finding', 'Infiltration', 'Effusion|Mass', 'Atelectasis', 'Nodule', 'Cardiomegaly|Edema|Effusion'];

/** Opens the root as an adapter does, then as a run does (parts, fingerprint with the size of every file), then walks all samples. */
export const measure: MeasureFunction = async (root) => {
  const core = await import('@multichexnet/core');
  const { chestXray14Dataset: adapter } = await import('@multichexnet/dataset-chestxray14');
  const registry = new core.PluginRegistry({ heads: [], encoders: [], datasets: [adapter] });
  const started = performance.now();
  const { samples, problems } = await adapter.open(root ?? '', {}, {});
  const opened = performance.now();
  if (samples.length !== IMAGES || problems.length > 0)
    throw new Error(`${samples.length} samples, ${problems.length} problems`);
  const peakMB = process.resourceUsage().maxRSS / 1024;
  const datasets = await core.openDatasets(
    {
      datasets: { nih: { kind: 'chestxray14', root } },
      seed: 1,
      splits: { validation: 0.1, test: 0.2 },
      maxBroken: 0,
    },
    registry,
    core.silentLogger,
  );
  const ready = performance.now();
  let positives = 0;
  for (const { labels } of datasets.get('nih')?.samples ?? [])
    if (labels.findings[core.POSITIVE_FINDING] === true) positives++;
  const times = { open: [opened - started], run: [ready - opened], iterate: [performance.now() - ready] };
  return { library: `node ${process.version}`, times, notes: { peakMB, positives } };
};

let folder = '';

/** The full table of ChestX-ray14, with an empty file for every image. */
export const table: Benchmark = {
  name: 'table',
  what: `${IMAGES.toLocaleString('en')} rows of ChestX-ray14: time and memory to open them`,
  settings: { images: IMAGES, patients: PATIENTS },
  rounds: 3,
  prepare: () => {
    folder = mkdtempSync(join(tmpdir(), 'mcx-table-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    writeTree(folder);
    return Promise.resolve();
  },
  contenders: () => [ownContender(import.meta.url, 'open', 'the adapter', [folder])],
  conclude: (entries) => {
    const { ms, notes } = entries['open'] as Entry;
    return {
      ratios: { 'seconds to open': (ms['open'] as number) / 1000 },
      checks: [
        atMost('milliseconds to open', ms['open'] as number, 3000),
        atMost('MB of RSS after opening, TypeScript loader included', Number(notes?.['peakMB']), 400),
      ],
    };
  },
};

function writeTree(root: string): void {
  const rows = [HEADER];
  const lists = { train: [] as string[], test: [] as string[] };
  for (let n = 0; n < IMAGES; n++) {
    // The first patients have one image more than the others.
    const patient = 1 + (n % PATIENTS);
    const number = Math.floor(n / PATIENTS);
    const id = `${String(patient).padStart(8, '0')}_${String(number).padStart(3, '0')}.png`;
    const images = join(root, `images_${String(1 + (n % FOLDERS)).padStart(3, '0')}`, 'images');
    if (n < FOLDERS) mkdirSync(images, { recursive: true });
    writeFileSync(join(images, id), '');
    const label = LABELS[(n * 7) % LABELS.length] ?? '';
    rows.push(
      `${id},${label},${number},${patient},${20 + (patient % 70)},${patient % 2 ? 'M' : 'F'},PA,2500,2048,0.17,0.17`,
    );
    lists[patient % 5 === 0 ? 'test' : 'train'].push(id);
  }
  writeFileSync(join(root, 'Data_Entry_2017_v2020.csv'), `${rows.join('\n')}\n`);
  writeFileSync(join(root, 'train_val_list.txt'), lists.train.join('\n'));
  writeFileSync(join(root, 'test_list.txt'), lists.test.join('\n'));
}
