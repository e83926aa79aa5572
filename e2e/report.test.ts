import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { json } from './command.ts';
import { useTinyRun } from './use-tiny-run.ts';

interface ReportDocument {
  readonly file: string;
  readonly modelCard: string;
  readonly bytes: number;
  readonly phases: readonly string[];
  readonly against?: readonly string[];
  readonly notice: string;
}

const tiny = useTinyRun(
  ...['--set', 'seeds=[1,2]', '--set', 'phases.both.logGradients=2'],
  ...['--set', 'tables.all.rows.1.against=classifier', '--set', 'tables.all.rows.1.on.cls=chestxray14'],
);

/** Everything that a browser would fetch or follow. */
function references(html: string): string[] {
  return [...html.matchAll(/\s(?:src|href|xlink:href|srcset|action|data|poster)="([^"]*)"|url\(([^)]*)\)/g)].map(
    ([, attribute, url]) => attribute ?? url ?? '',
  );
}

test('a run of two seeds as one page that holds all it needs, and a model card', async () => {
  const { code, document, stderr } = await json<ReportDocument>(['report', tiny.run]);
  expect(code, stderr).toBe(0);
  expect(document).toMatchObject({
    file: join(tiny.run, 'report.html'),
    modelCard: join(tiny.run, 'model-card.md'),
    phases: ['classifier', 'det-gate', 'seg-gate', 'both'],
    notice: 'Research results, not medical advice.',
  });
  const html = await readFile(document.file, 'utf8');
  expect(Buffer.byteLength(html)).toBe(document.bytes);
  expect(document.bytes).toBeLessThan(5e6);
  expect(html).not.toMatch(/<script|<link|<iframe|<object|@import|\son\w+=/);
  for (const reference of references(html)) expect(reference).toMatch(/^(data:|#)/);
  for (const text of ['Everything', 'not medical advice', 'Generated phantom images', 'means of 2 seeds', 'of seed 1'])
    expect(html.includes(text), text).toBe(true);
  expect(/<td>both against classifier<\/td>.*?<td class="n">2<\/td>/.exec(html)?.[0]).toMatch(/AUROC/);
  for (const figure of ['ROC', 'Precision and recall', 'Reliability', 'FROC', 'Loss', 'Dice by threshold'])
    expect(html).toContain(`<figcaption>${figure}`);
  const pictures = [...html.matchAll(/<svg[^>]*>/g)].map(([tag]) => tag);
  expect(pictures.length).toBeGreaterThan(20);
  for (const tag of pictures) expect(tag).toMatch(/role="img" aria-label="[^"]+"/);
  const films = html.match(/<image [^>]*href="data:image\/jpeg/g)?.length ?? 0;
  expect(films).toBeGreaterThan(10);
  // Every film beside what is there, what was found and where the network looked.
  expect(html.match(/ooked at for [\w ]+ \(Grad-CAM\)/g)).toHaveLength(films);
  expect(html.match(/aria-label="what was found: /g)?.length).toBeGreaterThan(10);
  const ids = new Set([...html.matchAll(/<image id="(film-[\w-]+)"/g)].map(([, id]) => id));
  expect(ids.size).toBe(films);
  for (const [, id] of html.matchAll(/<use href="#([\w-]+)"/g)) expect(ids).toContain(id);
  const card = await readFile(document.modelCard, 'utf8');
  for (const text of [
    '# Model card',
    'Encoder: densenet',
    'seeds 1, 2',
    'not medical advice',
    'both, chestxray14 + rsna + siim:',
  ])
    expect(card).toContain(text);
});

test('every plot brings the points that it draws', async () => {
  const html = await readFile(join(tiny.run, 'report.html'), 'utf8');
  const files = new Map(
    [...html.matchAll(/download="([^"]*)" href="data:[^,"]*,([^"]*)"/g)].map(([, name = '', data = '']) => [
      name,
      decodeURIComponent(data),
    ]),
  );
  expect(files.size).toBe([...html.matchAll(/download="/g)].length);
  expect(files.get('both-seg-siim-trained-dice.csv')?.split('\n')).toHaveLength(2 * 2 * 19 + 2); // of both seeds
  expect(files.get('classifier-loss.csv')).toMatch(/^line,step,loss\ncls@chestxray14,0,/);
  expect(files.get('both-gradients.csv')).toMatch(/^line,step,norm\n/);
  expect(files.get('both-cosines.csv')).toMatch(/^line,step,cosine\n/);
  expect(JSON.parse(files.get('config.json') ?? '')).toMatchObject({ name: 'tiny', seeds: [1, 2] });
});

test('without heat maps the page says so', async () => {
  const file = join(tiny.folder, 'plain.html');
  const { code, stderr } = await json<ReportDocument>(['report', tiny.run, '--out', file, '--no-cam', '--images', '8']);
  expect(code, stderr).toBe(0);
  const html = await readFile(file, 'utf8');
  expect(html).toContain('Heat maps were left out (--no-cam).');
  expect(html).not.toContain('(Grad-CAM)');
  expect(html).toContain('aria-label="what was found: ');
});

test('without the engine the page has films and truth, and says what it lacks; without the images it says so', async () => {
  const file = join(tiny.folder, 'bare.html');
  const request = ['report', tiny.run, '--out', file, '--images', '8'];
  const bare = await json<ReportDocument>(request, { env: { MULTICHEXNET_TENSORFLOW: join(tiny.folder, 'nowhere') } });
  expect(bare.code, bare.stderr).toBe(0);
  const html = await readFile(file, 'utf8');
  expect(html).toMatch(/The network of both was not asked again, for masks and heat maps: ENGINE_/);
  expect(html).toContain('aria-label="what is there: ');
  expect(html).not.toContain('(Grad-CAM)');
  const config = join(tiny.run, 'config.json');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replaceAll(join(tiny.tree, 'siim'), '/gone/siim'));
  try {
    const gone = await json<ReportDocument>(request);
    expect(gone.code, gone.stderr).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('No pictures of siim: /gone/siim');
  } finally {
    await writeFile(config, text);
  }
});

test('two runs are compared phase by phase; without images the page is drawn without the engine', async () => {
  const file = join(tiny.folder, 'both.html');
  const { code, document, stderr } = await json<ReportDocument>([
    ...['report', join(tiny.run, 'seed-1'), join(tiny.run, 'seed-2'), '--out', file, '--images', '0'],
  ]);
  expect(code, stderr).toBe(0);
  expect(document).toMatchObject({ file, against: [join(tiny.run, 'seed-2')] });
  const html = await readFile(file, 'utf8');
  expect(html).toContain('Against other runs');
  expect(html).toMatch(/<td>both<\/td><td>seg on siim, trained gate<\/td><td>dice<\/td>/);
  expect(html).not.toContain('id="panels"');
});

test('a run of two seeds predicts with the network of the first, and says so', async () => {
  const films = join(tiny.tree, 'rsna/stage_2_train_images');
  const film = join(films, (await readdir(films))[0] ?? '');
  const both = await json<{ run: string; files: object[] }>(['predict', tiny.run, film]);
  expect(both.code, both.stderr).toBe(0);
  expect(both.document.run).toBe(join(tiny.run, 'seed-1'));
  expect(both.stderr).toContain('the run has seeds 1, 2: the first is asked');
  const first = await json<{ files: object[] }>(['predict', join(tiny.run, 'seed-1'), film]);
  expect(both.document.files).toEqual(first.document.files);
});

test('a folder that is no run is said to be none', async () => {
  const { code, document } = await json<{ error: { code: string } }>(['report', tiny.folder]);
  expect([code, document.error.code]).toEqual([2, 'RUN_NOT_FOUND']);
});
