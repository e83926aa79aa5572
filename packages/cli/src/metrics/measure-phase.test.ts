import { PluginRegistry, RunStore, type EvaluationRecords, type ResolvedPhase } from '@multichexnet/core';
import { cls } from '@multichexnet/head-cls';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adjustComparisons, comparePhases } from './compare-phases.js';
import { formatComparisons, formatGroups, formatMetrics } from './format-metrics.js';
import { measureGroups, measurePhase, type MeasureRequest } from './measure-phase.js';
import type { PhaseRequest } from './phase-statistics.js';

const registry = new PluginRegistry({ heads: [cls], encoders: [], datasets: [] });
const logger = { progress: () => undefined } as never;
const protocol = { resamples: 200, seed: 1 };
const heads = { cls: { kind: 'cls', classes: ['Effusion', 'Mass'] } };
const phase = (name: string): ResolvedPhase => ({ name, heads }) as never;
let folder: string;
let store: RunStore;

/** Test images of 40 patients, two each; `noise` spoils the scores of Effusion. */
function evaluation(noise: number, images = 80): Record<'cls@chestxray14/none', object[]> {
  const rows = Array.from({ length: images }, (_, i) => i);
  const score = (i: number, c: number): number => {
    const label = Number((i >> c) % 2 === 0);
    return 1 / (1 + Math.exp(-2 * (label - 0.5) - (c === 0 ? 4 * noise : 0.2) * Math.sin(7 * i + c)));
  };
  const part = {
    samples: rows.map((i) => ({
      id: `i${i}`,
      dataset: 'chestxray14',
      patient: `p${i % 40}`,
      ...(i % 5 === 0 ? {} : { sex: i % 5 < 3 ? 'F' : 'M' }),
    })),
    metrics: {
      findings: rows.map((i) => ({
        scores: [score(i, 0), score(i, 1)],
        labels: [Number(i % 2 === 0), Number((i >> 1) % 2 === 0)],
      })),
    },
  };
  return { 'cls@chestxray14/none': [{ validation: part, test: part }] };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcx-evaluate-'));
  store = new RunStore(folder);
  await store.writeJson(evaluation(0.1), 'phases', 'good', 'evaluation.json');
  await store.writeJson(evaluation(0.9), 'phases', 'poor', 'evaluation.json');
  await store.writeJson(evaluation(0.1, 70), 'phases', 'other', 'evaluation.json');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a signal is let in before a head is measured', async () => {
  const controller = new AbortController();
  setImmediate(() => controller.abort('SIGINT'));
  const stopped = measurePhase({ ...request('poor'), signal: controller.signal });
  await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

const request = (name: string, only: readonly string[] = []): MeasureRequest & PhaseRequest => ({
  stores: [store],
  phase: phase(name),
  registry,
  only,
  protocol,
  logger,
});

test('metrics come with intervals, with the class they are of, and with what was chosen on validation', async () => {
  const metrics = await measurePhase(request('poor'));
  const named = (name: string) => metrics.find(({ metric }) => metric === name)!;
  expect(named('auroc')).toMatchObject({ phase: 'poor', head: 'cls', dataset: 'chestxray14', gate: 'none' });
  expect(named('auroc')).toMatchObject({ images: 80, patients: 40, better: 'higher' });
  expect(named('auroc').value).toBeGreaterThan(named('auroc').low!);
  expect(named('auroc').value).toBeLessThan(named('auroc').high!);
  expect(named('auroc/Mass')).toMatchObject({ class: 'Mass', value: 1, low: 1, high: 1 });
  expect(named('f1').chosen).toEqual([named('f1/Effusion').chosen, named('f1/Mass').chosen]);
  expect(named('ece').better).toBe('lower');
  expect('chosen' in named('auroc')).toBe(false);
  const text = formatMetrics(metrics);
  expect(text.find((line) => line.startsWith('    Mass'))).toMatch(/^ {4}Mass +1\.00 \(1\.00, 1\.00\)/);
  expect(text.some((line) => line.includes('auroc/Mass'))).toBe(false);
  expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('only the metrics asked for', async () => {
  const metrics = await measurePhase(request('poor', ['ap/Mass', 'brier']));
  expect(metrics.map(({ metric }) => metric)).toEqual(['brier', 'ap/Mass']);
});

test('intervals are percentile ones, or BCa ones if asked for', async () => {
  const [percentile] = await measurePhase(request('poor', ['auroc']));
  const [bca] = await measurePhase({ ...request('poor', ['auroc']), protocol: { ...protocol, method: 'bca' } });
  expect(bca?.value).toBe(percentile?.value);
  expect([bca?.low, bca?.high]).not.toEqual([percentile?.low, percentile?.high]);
});

test('groups are measured by themselves', async () => {
  const groups = await measureGroups(request('poor', ['auroc', 'auroc/Mass']), 'sex');
  expect(groups.map(({ metric, group, images }) => [metric, group, images])).toEqual(
    ['auroc', 'auroc/Mass'].flatMap((metric) => [
      [metric, 'F', 32],
      [metric, 'M', 32],
      [metric, undefined, 16],
    ]),
  );
  const text = formatGroups(groups, ['auroc/Mass']);
  expect(text.filter((line) => line.includes('auroc/Mass'))).toHaveLength(3);
  expect(text.join('\n')).toMatch(/auroc +unknown +0\.\d\d .* 16 images/);
});

test('two phases are compared on the same images, with Holm over all differences', async () => {
  const only = ['auroc', 'auroc/Effusion', 'auroc/Mass'];
  const compared = await comparePhases({
    first: request('good', only),
    others: [{ name: 'poor', request: request('poor', only) }],
    protocol,
    logger,
  });
  expect(compared.gain).toBeUndefined();
  const comparisons = adjustComparisons(compared.comparisons);
  const [auroc, effusion, mass] = comparisons;
  expect(auroc?.difference).toBeGreaterThan(0);
  expect(effusion!.difference).toBeCloseTo(2 * auroc!.difference!, 9);
  expect(effusion?.adjusted).toBeCloseTo(3 * effusion!.p!, 9);
  expect(mass).toMatchObject({ difference: 0, p: 1, adjusted: 1 });
  expect(auroc).not.toHaveProperty('testP');
  expect(effusion!.testP).toBeLessThan(0.05);
  expect(formatComparisons(comparisons).join('\n')).toMatch(
    /auroc\/Effusion +\+0\.\d\d \(.*\) p 0\.010 +p 0\.030 +p ?[<0-9.]+$/m,
  );
});

test('by default the first metric of a head is compared; other images are not', async () => {
  const { comparisons } = await comparePhases({
    first: request('good'),
    others: [{ name: 'other', request: request('other') }],
    protocol,
    logger,
  });
  expect(comparisons).toMatchObject([{ metric: 'auroc', missing: 'other test images' }]);
  expect(formatComparisons(comparisons).at(-1)).toContain('other test images');
});

test('a phase of several tasks is compared with a baseline of each, and has a mean gain', async () => {
  const task = (noise: number, dataset: string): object => ({
    [`cls@${dataset}/none`]: evaluation(noise)['cls@chestxray14/none'],
  });
  await store.writeJson({ ...task(0.1, 'rsna'), ...task(0.2, 'siim') }, 'phases', 'both', 'evaluation.json');
  await store.writeJson(task(0.9, 'rsna'), 'phases', 'on-rsna', 'evaluation.json');
  await store.writeJson(task(0.9, 'siim'), 'phases', 'on-siim', 'evaluation.json');
  const others = ['on-rsna', 'on-siim'].map((name) => ({ name, request: request(name) }));
  const { comparisons, gain } = await comparePhases({ first: request('both'), others, protocol, logger });
  expect(comparisons.map(({ dataset, against }) => [dataset, against])).toEqual([
    ['rsna', 'on-rsna'],
    ['siim', 'on-siim'],
  ]);
  const auroc = async (phase: string) => (await measurePhase(request(phase, ['auroc']))).map(({ value }) => value!);
  const [both, baselines] = [await auroc('both'), [...(await auroc('on-rsna')), ...(await auroc('on-siim'))]];
  const wanted = both.reduce((sum, value, i) => sum + (value - baselines[i]!) / baselines[i]! / 2, 0);
  expect(gain).toMatchObject({ phase: 'both', tasks: ['cls@rsna/none', 'cls@siim/none'] });
  expect(gain!.value).toBeCloseTo(wanted, 9);
  expect(gain!.low).toBeLessThan(wanted);
  expect(formatComparisons(comparisons, [gain!]).at(-1)).toMatch(
    /^ {2}multi-task gain \(Delta m\) over 2 tasks: \+\d+\.\d % \(\d+\.\d, \d+\.\d\)$/,
  );
  const some = await comparePhases({ first: request('both'), others: others.slice(1), protocol, logger });
  expect(some.comparisons[0]).toMatchObject({ dataset: 'rsna', missing: 'not measured there' });
  expect(some.gain).toBeUndefined();
});

test('a class without validation positives has a default threshold, which is told', async () => {
  const [fold] = evaluation(0.1)['cls@chestxray14/none'] as [
    { validation: EvaluationRecords; test: EvaluationRecords },
  ];
  const findings = (fold.validation.metrics['findings'] as { scores: number[]; labels: number[] }[]).map(
    ({ scores, labels }) => ({ scores, labels: [labels[0]!, 0] }),
  );
  const validation = { ...fold.validation, metrics: { findings } };
  await store.writeJson({ 'cls@chestxray14/none': [{ ...fold, validation }] }, 'phases', 'few', 'evaluation.json');
  const metrics = await measurePhase(request('few', ['auroc', 'f1', 'f1/Effusion', 'f1/Mass', 'specificity@youden']));
  expect(Object.fromEntries(metrics.map(({ metric, untuned }) => [metric, untuned]))).toEqual({
    auroc: undefined,
    f1: ['Mass'],
    'specificity@youden': ['Mass'],
    'f1/Effusion': undefined,
    'f1/Mass': ['Mass'],
  });
  expect(metrics.find(({ metric }) => metric === 'f1/Mass')?.chosen).toBe(0.5);
  const groups = await measureGroups(request('few', ['auroc', 'f1']), 'sex');
  expect(groups.map(({ metric, untuned }) => [metric, untuned?.join()])).toEqual(
    ['auroc', 'auroc', 'auroc', 'f1', 'f1', 'f1'].map((name) => [name, name === 'f1' ? 'Mass' : undefined]),
  );
  const lines = formatGroups(groups, []);
  expect(lines.filter((line) => line.includes('*'))).toHaveLength(4); // three groups and what the star means
});
