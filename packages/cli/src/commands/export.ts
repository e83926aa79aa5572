import { MEDICAL_NOTE, PluginRegistryToken, readPreprocessing, writeFileAtomic } from '@multichexnet/core';
import { lstat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { CommandContext, CommandResult } from '../command.js';
import { isFolder } from '../config/find-config.js';
import { createContainer } from '../create-container.js';
import { CliError } from '../errors.js';
import { describeNetwork } from '../export/describe-network.js';
import type { ExportedFile } from '../export/export-request.js';
import { parseFormat } from '../export/formats.js';
import { sampleImages } from '../export/sample-images.js';
import { openTrained } from '../open-run.js';
import { wrap, type Style } from '../output/style.js';
import { choosePhase } from '../predict/choose-phase.js';
import { loadNetwork } from '../predict/load-network.js';
import { assertWritable } from '../protocol/run-folder.js';
import { startEngine } from '../start-engine.js';

const TOLERANCE = 1e-4;
/** Images that a file is tried on. */
const IMAGES = 8;

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const out = args.text('out');
  if (out === undefined || out === '')
    throw new CliError('CLI_MISSING_ARGUMENT', 'export wants --out FILE: where the network goes');
  const { format, write } = parseFormat(args.text('format'));
  const tolerance = parseTolerance(args.text('tolerance'));
  const opened = await openTrained(args.at(0), logger);
  await assertPlainFile(out, opened.store.folder, format);
  await assertWritable(dirname(resolve(out)));
  const phase = choosePhase(opened, args.text('phase'));
  const container = createContainer({ logger, plugins: opened.plugins.set });
  const registry = container.get(PluginRegistryToken);
  const { store, protocol } = opened;
  const head = await store.readJson<{ readonly preprocessing?: unknown }>('run.json');
  const preprocessing = readPreprocessing(head?.preprocessing, store.path('run.json'));
  const { hash: model = '' } = (await store.readJson<{ hash: string }>('phases', phase.name, 'phase.json')) ?? {};
  if (model === '')
    logger.warn(`phase "${phase.name}" has not ended its training: what is exported is its newest checkpoint`);
  const engine = await startEngine(container);
  try {
    const wanted = Object.keys(phase.heads);
    const { pool, heads } = await loadNetwork({ opened, engine, registry, logger }, store, phase, phase.name, wanted);
    const metadata = await describeNetwork({ opened, phase, model, preprocessing, heads, registry });
    const samples = await sampleImages(opened, registry, preprocessing, IMAGES);
    const file = await write({ engine, pool, heads, metadata, tolerance, logger, samples });
    pool.dispose();
    await writeFileAtomic(resolve(out), file.bytes);
    const { bytes, ...facts } = file;
    const separate = Object.values(phase.gate).some((gate) => gate !== 'own');
    if (separate)
      logger.info(
        'the gates of this phase are networks of their own, which are not in the file: export their phases too',
      );
    return {
      document: {
        run: store.folder,
        phase: phase.name,
        format,
        file: out,
        bytes: bytes.byteLength,
        ...facts,
        tolerance,
        metadata,
        notice: MEDICAL_NOTE,
      },
      text: (style) => describe(style, out, `${protocol.name}, phase ${phase.name}`, file, tolerance),
    };
  } finally {
    engine.dispose();
  }
}

/** A device or a file of the run itself must not be replaced. @throws CliError CLI_OPTION_VALUE */
async function assertPlainFile(out: string, run: string, format: string): Promise<void> {
  if (out.endsWith('/') || (await isFolder(out)))
    throw new CliError(
      'CLI_OPTION_VALUE',
      `--out names a file, ${out} is a folder; try --out ${join(out, `model.${format}`)}`,
    );
  const found = await lstat(out).catch(() => undefined);
  if (found !== undefined && !found.isFile())
    throw new CliError('CLI_OPTION_VALUE', `--out ${out} is there and is no ordinary file; choose another`);
  const inside = relative(resolve(run), resolve(out));
  if (found !== undefined && !inside.startsWith('..') && !isAbsolute(inside))
    throw new CliError('CLI_OPTION_VALUE', `--out ${out} is a file of the run itself; choose another`);
}

/** Value of `--tolerance`. @throws CliError CLI_OPTION_VALUE */
function parseTolerance(text: string | undefined): number {
  if (text === undefined) return TOLERANCE;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value;
  throw new CliError('CLI_OPTION_VALUE', `--tolerance wants a number from 0, got "${text}"`);
}

function describe(style: Style, out: string, what: string, file: ExportedFile, tolerance: number): string {
  const { bytes, version, input, outputs, checked } = file;
  const shape = (dims: readonly (number | string)[]): string => `[${dims.join(', ')}]`;
  const name = Math.max(...outputs.map((output) => output.name.length), 'output'.length);
  const size = Math.max(...outputs.map((output) => shape(output.shape).length), 'shape'.length);
  return [
    `${style.bold(out)}  ${(bytes.byteLength / 1e6).toFixed(1)} MB, ${version}: ${what}`,
    `  ${input.name.padEnd(name)}  ${shape(input.shape)}`,
    ...outputs.map(({ name: output, shape: dims, difference }) =>
      `  ${output.padEnd(name)}  ${shape(dims).padEnd(size)}${difference === undefined ? '' : `  largest difference ${difference.toExponential(1)}`}`.trimEnd(),
    ),
    ...(checked === undefined ? [] : [wrap(`checked by ${checked}, to ${tolerance}`, style.width, '  ')]),
    wrap(MEDICAL_NOTE, style.width),
  ].join('\n');
}
