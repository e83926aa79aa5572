import { device } from './arguments/common-options.js';
import type { CommandSpec } from './command.js';

/** Commands on a run that is there: its numbers, its pages, its networks. */
export const runCommands: readonly CommandSpec[] = [
  {
    name: 'evaluate',
    summary: 'metrics with intervals of a finished run, from what it recorded',
    positionals: [{ name: 'RUN', help: 'folder of the run' }],
    options: {
      phase: { value: 'NAME', help: 'one phase; by default all' },
      metric: { value: 'NAME', many: true, help: 'only this metric, such as auroc or auroc/Effusion' },
      by: { value: 'WHAT', help: 'in groups by sex, age, view, source, dataset or an attribute' },
      interval: { value: 'METHOD', help: 'percentile (default) or bca' },
      compare: {
        value: 'OTHER',
        many: true,
        help: 'difference to another phase, or to another run (p-values after Holm)',
      },
    },
    examples: [
      'multichexnet evaluate runs/mine',
      'multichexnet evaluate runs/paper --phase multichexnet --json',
      'multichexnet evaluate runs/mine --by sex --metric auroc',
      'multichexnet evaluate runs/paper --phase joint --compare det --compare seg',
    ],
    load: () => import('./commands/evaluate.js'),
  },
  {
    name: 'report',
    summary: 'a run as one HTML page to read: tables, curves, images, model card',
    positionals: [
      { name: 'RUN', help: 'folder of the run' },
      { name: 'OTHER', help: 'runs that it is compared with, phase by phase', optional: true, many: true },
    ],
    options: {
      out: { value: 'FILE', help: 'default RUN/report.html; model-card.md comes to lie beside it' },
      images: { value: 'N', help: 'test images to show, the failures first; default 40, 0 for none' },
      'no-cam': { help: 'no heat maps (Grad-CAM) beside the images' },
    },
    examples: ['multichexnet report runs/paper', 'multichexnet report runs/paper runs/paper-2 --out both.html'],
    load: () => import('./commands/report.js'),
  },
  {
    name: 'explain',
    summary: 'where a network looks: Grad-CAM against the boxes of ChestX-ray14',
    positionals: [{ name: 'RUN', help: 'folder of the run' }],
    options: {
      data: { value: 'KIND=ROOT', many: true, help: 'chestxray14 and its folder; by default that of the run' },
      phase: { value: 'NAME', help: 'phase whose network is asked; by default the last taught most of the findings' },
      head: { value: 'NAME', help: 'head that is asked; by default the first that knows a finding with boxes' },
      tolerance: { value: 'PIXELS', help: 'of the film, around a box, that count as hit by the maximum; default 0' },
      share: { value: 'S', help: 'of the maximum, from which on a pixel is in the box of the map; default 0.5' },
      out: { value: 'DIR', help: 'folder for overlays as PNG' },
      images: { value: 'N', help: 'overlays to write, default 20' },
      device,
    },
    examples: [
      'multichexnet explain runs/mine --data chestxray14=data/nih',
      'multichexnet explain runs/paper --phase classifier --out overlays --json',
    ],
    interruptible: true,
    load: () => import('./commands/explain.js'),
  },
  {
    name: 'predict',
    summary: 'findings, boxes and mask of images; a bad file costs only itself',
    positionals: [
      { name: 'RUN', help: 'folder of the run' },
      {
        name: 'FILE',
        help: 'PNG, JPEG or DICOM; or one folder of them, which may be shared by several processes',
        many: true,
      },
    ],
    options: {
      phase: { value: 'NAME', help: 'phase whose network predicts; by default the first with most heads' },
      out: { value: 'DIR', help: 'folder for masks and heat maps as PNG, and for the results of a folder' },
      cam: {
        value: 'FINDING',
        many: true,
        help: 'where the network looks for it (Grad-CAM), over the film as PNG: a class, box or mask; wants --out',
      },
      device,
      precision: { value: 'NAME', help: 'float32 (default) or bfloat16: faster on a CPU that has it, and less exact' },
      runtime: {
        value: 'NAME',
        help: 'tensorflow (default) or onnxruntime, which is faster and wants the package onnxruntime-node',
      },
      shard: { value: 'I/N', help: 'which part of a folder, from 0; else from a Slurm array or a Kubernetes Job' },
      shards: { value: 'N', help: 'how many parts, where JOB_COMPLETION_INDEX says which' },
    },
    examples: [
      'multichexnet predict runs/mine chest.dcm',
      'multichexnet predict runs/mine films/*.png --out masks --json',
      'multichexnet predict runs/mine chest.dcm --cam Effusion --cam mask --out where',
      'multichexnet predict runs/mine films --out predictions --shard 0/8',
    ],
    interruptible: true,
    load: () => import('./commands/predict.js'),
  },
  {
    name: 'predict merge',
    summary: 'the shards of a folder as one file; fails when one is not complete',
    positionals: [{ name: 'DIR', help: '--out of the predictions' }],
    options: { 'max-broken': { value: 'N', help: 'images that may have failed; default 0' } },
    examples: ['multichexnet predict merge predictions'],
    load: () => import('./commands/predict-merge.js'),
  },
  {
    name: 'export',
    summary: 'the network of a phase as a file for other runtimes, checked',
    positionals: [{ name: 'RUN', help: 'folder of the run' }],
    options: {
      format: { value: 'NAME', help: 'onnx (default)' },
      out: { value: 'FILE', help: 'where it goes' },
      phase: { value: 'NAME', help: 'phase whose network is written; by default the first with most heads' },
      tolerance: { value: 'X', help: 'largest difference to the network that may be, default 1e-4' },
    },
    examples: [
      'multichexnet export runs/mine --out model.onnx',
      'multichexnet export runs/paper --phase classifier --out classifier.onnx --json',
    ],
    load: () => import('./commands/export.js'),
  },
];
