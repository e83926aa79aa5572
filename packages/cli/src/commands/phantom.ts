import type { PhantomReport } from '@multichexnet/dataset-phantom';
import type { CommandContext, CommandResult } from '../command.js';
import { CliError } from '../errors.js';
import { columns } from '../output/style.js';

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const out = args.text('out');
  if (out === undefined)
    throw new CliError('CLI_MISSING_ARGUMENT', 'multichexnet phantom wants --out DIR: a folder for the images');
  const [images, size, seed] = [args.whole('images', 10), args.whole('size', 32), args.whole('seed', 0)];
  const { writePhantom } = await import('@multichexnet/dataset-phantom');
  const report = await writePhantom({
    out,
    ...(images === undefined ? {} : { images }),
    ...(size === undefined ? {} : { size }),
    ...(seed === undefined ? {} : { seed }),
    overwrite: args.flag('overwrite'),
    onProgress: ({ done, total, dataset }) => logger.progress({ name: 'phantom', done, total, detail: dataset }),
  });
  return { document: report, text: () => format(report) };
}

function format({ datasets, patients, patientMap, seed, size }: PhantomReport): string {
  const rows = Object.entries(datasets).map(([name, { images, root }]) => [`  ${name}`, `${images} images`, root]);
  return [
    ...columns([...rows, ['  patient map', `${patients} persons`, patientMap]]),
    `Generated images of ${size} x ${size}, seed ${seed}: no patients, no radiographs.`,
  ].join('\n');
}
