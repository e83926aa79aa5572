import { PluginRegistry, type ResolvedPhase } from '@multichexnet/core';
import cls from '@multichexnet/head-cls';
import { expect, test } from 'vitest';
import { chooseExplained, taughtFindings, type Explainable } from './choose-explained.js';

const registry = new PluginRegistry({ heads: [cls], encoders: [], datasets: [] });
const labelled = new Map([
  ['nih', new Set(['Mass', 'Effusion', 'Hernia'])],
  ['siim', new Set(['Effusion'])],
  ['covid', new Set(['COVID-19'])],
]);

function phase(name: string, on: string, more: Partial<ResolvedPhase> = {}): ResolvedPhase {
  const classes = ['Mass', 'Effusion', 'COVID-19'];
  const schedule = { kind: 'alternating', turns: [{ on, train: ['encoder', 'cls'] }] };
  return { name, schedule, heads: { cls: { kind: 'cls', classes } }, from: {}, fresh: [], ...more } as ResolvedPhase;
}

function input(...phases: ResolvedPhase[]): Explainable {
  return { phases, labelled, findings: new Set(['Mass', 'Effusion', 'Nodule']), registry };
}

test('the last phase whose own turns teach most of the findings, not the last one and not the first', () => {
  const phases = [
    phase('first', 'nih'),
    phase('second', 'nih', { from: { cls: 'first' } }),
    phase('masks', 'siim', { from: { cls: 'second' } }),
    phase('last', 'covid', { from: { cls: 'second' } }),
  ];
  expect(chooseExplained(input(...phases), undefined).name).toBe('second');
  expect(chooseExplained(input(...phases), 'cls').name).toBe('second');
});

test('without such a phase, one whose head started from one that was taught - unless it started afresh', () => {
  const parent = phase('other', 'nih');
  const child = phase('child', 'covid', { from: { cls: 'other' } });
  const fresh = phase('fresh', 'covid', { from: { cls: 'other' }, fresh: ['cls.decision'] });
  const all = input(parent, child, fresh);
  expect(taughtFindings(all, child, 'cls')).toEqual(['Mass', 'Effusion']);
  expect(taughtFindings(all, child, 'cls', false)).toEqual([]);
  expect(taughtFindings(all, fresh, 'cls')).toEqual([]);
  expect(taughtFindings(all, child, 'nope')).toEqual([]);
});

test('a run that never saw the findings is refused with what can be done', () => {
  const explain = (head?: string): unknown => chooseExplained(input(phase('covid', 'covid')), head);
  expect(explain).toThrow(expect.objectContaining({ code: 'EXPLAIN_NOTHING' }));
  expect(explain).toThrow('Mass, Effusion, Nodule');
  expect(() => explain('cl')).toThrow(expect.objectContaining({ code: 'EXPLAIN_HEAD_UNKNOWN' }));
});
