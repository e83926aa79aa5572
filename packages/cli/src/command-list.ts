import type { OptionSpec } from './arguments/argument-spec.js';
import { device } from './arguments/common-options.js';
import type { CommandSpec } from './command.js';
import { runCommands } from './run-commands.js';

const set: OptionSpec = {
  value: 'PATH=VALUE',
  many: true,
  help: 'change one value of the file: --set train.steps=100',
};
const resume: OptionSpec = { help: 'go on with the run that is in --out' };
const allowChange: OptionSpec = {
  value: 'PATH',
  many: true,
  help: 'with --resume: let the config differ at and below this path',
};
const patientMap: OptionSpec = {
  value: 'FILE',
  help: 'CSV (dataset, image, patient) that names one person in every dataset',
};
const data: OptionSpec = { value: 'KIND=ROOT', many: true, help: 'a dataset and its folder' };
const datasetSet: OptionSpec = {
  value: 'KIND.OPTION=VALUE',
  many: true,
  help: 'an option of an adapter: --set rsna.headers=false',
};
const noPixels: OptionSpec = { help: 'do not decode the images' };
const datasetOrMany = [
  { name: 'KIND', help: 'kind of a dataset; or give --data', optional: true },
  { name: 'ROOT', help: 'its folder', optional: true },
] as const;
const configFile = {
  name: 'CONFIG',
  help: 'multichexnet.config.ts, .mts, .js, .json or .yaml; by default the one in this folder',
  optional: true,
};

/** Every command with what `--help` says of it. Nothing heavy is imported here. */
export const commands: readonly CommandSpec[] = [
  {
    name: 'demo',
    summary: 'the whole paper on phantom images: setup, data, every phase, tables',
    positionals: [],
    options: {
      out: { value: 'DIR', help: 'where the demo lives, default runs/demo' },
      seed: { value: 'K', help: 'seed of images and training, default 1' },
      set,
      device,
    },
    examples: ['multichexnet demo', 'multichexnet demo --out runs/demo-2 --seed 2'],
    interruptible: true,
    load: () => import('./commands/demo.js'),
  },
  {
    name: 'setup',
    summary: "fetch TensorFlow's library into the cache (needs Python 3 with pip)",
    positionals: [],
    options: { gpu: { help: "the CUDA build with NVIDIA's libraries: 3.4 GB to fetch" } },
    examples: ['multichexnet setup', 'multichexnet setup --gpu'],
    load: () => import('./commands/setup.js'),
  },
  {
    name: 'doctor',
    summary: 'check this machine; a remedy for everything that is not well',
    positionals: [],
    options: {},
    examples: ['multichexnet doctor', 'multichexnet doctor --json'],
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'phantom',
    summary: 'draw generated chest-like images in the layouts of the four datasets',
    positionals: [],
    options: {
      out: { value: 'DIR', help: 'folder for chestxray14/, rsna/, siim/, covid/ and patient_map.csv (required)' },
      images: { value: 'N', help: 'frontal films a dataset, from 10; default 1200 to 1600' },
      size: { value: 'S', help: 'pixels a side, default 128' },
      seed: { value: 'K', help: 'the same seed writes the same bytes, default 1' },
      overwrite: { help: 'replace data sets that are there' },
    },
    examples: ['multichexnet phantom --out data/phantom', 'multichexnet phantom --out /tmp/p --images 50 --size 64'],
    load: () => import('./commands/phantom.js'),
  },
  {
    name: 'data verify',
    summary: 'count and check a dataset on disk, without training',
    positionals: [
      { name: 'KIND', help: 'chestxray14, rsna, siim, covid, csv or folder' },
      { name: 'ROOT', help: 'its folder, in the layout as published' },
    ],
    options: {
      'patient-map': patientMap,
      table: { value: 'FILE', help: 'check this one CSV of the layout and nothing else' },
      set: datasetSet,
      'no-pixels': noPixels,
    },
    examples: [
      'multichexnet data verify rsna data/rsna',
      'multichexnet data verify siim data/siim --patient-map patients.csv --json',
      'multichexnet data verify csv data/mine --set csv.table=films.csv',
      'multichexnet data verify rsna data/rsna --table stage_2_train_labels.csv',
    ],
    load: () => import('./commands/data-verify.js'),
  },
  {
    name: 'data decode',
    summary: "one file's pixels at a stage of the pipeline, with the tags that made them",
    positionals: [{ name: 'FILE', help: 'DICOM, PNG or JPEG' }],
    options: {
      stage: {
        value: 'STAGE',
        help: 'stored (as in the file), modality (after rescale or its table), display (0 to 255; default)',
      },
      'crop-borders': { help: 'leave out black and white borders that are burned in' },
      out: { value: 'FILE.npy', help: 'write the pixels for NumPy' },
    },
    examples: [
      'multichexnet data decode chest.dcm',
      'multichexnet data decode chest.dcm --stage stored --out pixels.npy --json',
    ],
    load: () => import('./commands/data-decode.js'),
  },
  {
    name: 'data stats',
    summary: 'counts per label, view, sex, age, part and size; images that are there twice',
    positionals: datasetOrMany,
    options: { data, 'patient-map': patientMap, set: datasetSet, 'no-pixels': noPixels },
    examples: [
      'multichexnet data stats rsna data/rsna',
      'multichexnet data stats --data chestxray14=nih --data rsna=rsna --json',
    ],
    load: () => import('./commands/data-stats.js'),
  },
  {
    name: 'data cache',
    summary: 'prepare the images of a dataset for training, once and for all runs',
    positionals: [
      { name: 'KIND', help: 'chestxray14, rsna, siim or covid' },
      { name: 'ROOT', help: 'its folder, in the layout as published' },
    ],
    options: {
      out: { value: 'DIR', help: 'folder of the cache, which train.cache names (required)' },
      size: { value: 'S', help: "pixels a side of the model's input, default 256" },
      'crop-borders': { help: 'for trainings with preprocessing.crop: borders' },
      limit: { value: 'SIZE', help: 'bytes that the folder may take: "50 GB" (default), 800MB' },
      workers: { value: 'N', help: 'threads that read, default one a core' },
      set: datasetSet,
    },
    examples: [
      'multichexnet data cache rsna data/rsna --out cache',
      'multichexnet data cache siim data/siim --out cache --limit 10GB',
    ],
    interruptible: true,
    load: () => import('./commands/data-cache.js'),
  },
  {
    name: 'data preview',
    summary: 'a contact sheet: images with boxes, masks and labels drawn',
    positionals: [
      { name: 'KIND', help: 'kind of the dataset' },
      { name: 'ROOT', help: 'its folder' },
    ],
    options: {
      out: { value: 'SHEET.png', help: 'file to write (required)' },
      count: { value: 'N', help: 'images, half of them positive; default 24' },
      columns: { value: 'N', help: 'images a row, default 6' },
      size: { value: 'S', help: 'pixels a side of one image, default 224' },
      seed: { value: 'K', help: 'draws other images, default 1' },
      'patient-map': patientMap,
      set: datasetSet,
    },
    examples: ['multichexnet data preview siim data/siim --out sheet.png --count 12'],
    load: () => import('./commands/data-preview.js'),
  },
  {
    name: 'data report',
    summary: 'counts, plots, examples, problems, leaks and duplicates as one HTML page',
    positionals: datasetOrMany,
    options: {
      data,
      out: { value: 'REPORT.html', help: 'file to write (required)' },
      'patient-map': patientMap,
      set: datasetSet,
    },
    examples: ['multichexnet data report --data rsna=rsna --data siim=siim --out data.html'],
    load: () => import('./commands/data-report.js'),
  },
  {
    name: 'data leaks',
    summary: 'patients who stand in training in one dataset and in test in another',
    positionals: [],
    options: {
      data,
      'patient-map': patientMap,
      by: { value: 'BASIS', help: "official: the datasets' own lists (default); assigned: as training splits them" },
      seed: { value: 'K', help: 'seed of the split with --by assigned, default 1' },
      set: datasetSet,
    },
    examples: [
      'multichexnet data leaks --data chestxray14=nih --data rsna=rsna \\',
      '      --patient-map patients.csv',
      'multichexnet data leaks --data chestxray14=nih --data rsna=rsna --by assigned',
    ],
    load: () => import('./commands/data-leaks.js'),
  },
  {
    name: 'config check',
    summary: 'every problem of a config, with its place and the nearest valid name',
    positionals: [configFile],
    options: { set },
    examples: ['multichexnet config check', 'multichexnet config check my.yaml --set train.batchSize=4'],
    load: () => import('./commands/config-check.js'),
  },
  {
    name: 'config schema',
    summary: "JSON Schema of a config with every plugin's options, for editors",
    positionals: [{ ...configFile, help: 'a config whose plugins the schema should know too' }],
    options: {},
    examples: ['multichexnet config schema > multichexnet.schema.json'],
    load: () => import('./commands/config-schema.js'),
  },
  {
    name: 'plugins list',
    summary: 'heads, encoders and datasets with their packages and options',
    positionals: [{ ...configFile, help: 'a config whose plugins should be listed too' }],
    options: {},
    examples: ['multichexnet plugins list', 'multichexnet plugins list --json'],
    load: () => import('./commands/plugins-list.js'),
  },
  {
    name: 'protocol list',
    summary: 'protocols that come with this package',
    positionals: [],
    options: {},
    examples: ['multichexnet protocol list'],
    load: () => import('./commands/protocol-list.js'),
  },
  {
    name: 'protocol show',
    summary: 'phases of a protocol, what each needs, and the rows of each table',
    positionals: [{ name: 'NAME', help: 'a protocol of the list, or a file' }],
    options: { set },
    examples: ['multichexnet protocol show paper', 'multichexnet protocol show my-protocol.yaml'],
    load: () => import('./commands/protocol-show.js'),
  },
  {
    name: 'protocol run',
    summary: 'run every phase of a protocol and print its tables',
    positionals: [{ name: 'NAME', help: 'a protocol of the list, or a file' }],
    options: {
      data: { value: 'KIND=ROOT', many: true, help: 'root of each dataset that the protocol names' },
      out: { value: 'DIR', help: 'run folder, default runs/NAME-TIME-HASH' },
      set,
      'patient-map': patientMap,
      resume,
      'allow-change': allowChange,
      'no-reuse': { help: 'train also what a run beside --out has trained by the same inputs' },
      device,
    },
    examples: [
      'multichexnet protocol run paper --data chestxray14=nih --data rsna=rsna \\',
      '      --data siim=siim --data covid=covid --out runs/paper',
      'multichexnet protocol run my.yaml --data rsna=rsna --set defaults.steps=50',
    ],
    interruptible: true,
    load: () => import('./commands/protocol-run.js'),
  },
  {
    name: 'train',
    summary: 'train what a config says and measure it on the test part',
    positionals: [configFile],
    options: {
      set,
      out: { value: 'DIR', help: 'run folder, default runs/NAME-TIME-HASH' },
      resume: { words: ['auto'], help: `${resume.help}; --resume=auto if there is one, else begin` },
      'allow-change': allowChange,
      device,
      workers: { value: 'N', help: 'processes on this machine that share each batch; default 1' },
      threads: {
        value: 'N',
        help: 'threads of TensorFlow in this process, or with --workers in all; default one a core',
      },
      rank: { value: 'R', help: 'which of several processes this is, from 0' },
      world: { value: 'N', help: 'how many they are' },
      peers: { value: 'LIST', help: 'host:port of each rank, separated by commas; else TF_CONFIG, Slurm, ...' },
      'meet-within': { value: 'SECONDS', help: 'how long they wait for each other at the start; default 600' },
    },
    examples: [
      'multichexnet train',
      'multichexnet train --workers 2',
      'multichexnet train my.yaml --set train.steps=200 --out runs/mine',
      'multichexnet train --out runs/mine --resume',
    ],
    interruptible: true,
    load: () => import('./commands/train.js'),
  },
  ...runCommands,
];
