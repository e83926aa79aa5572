import { expect, test } from 'vitest';
import { MultichexnetError } from '../errors.js';
import { setPaths } from './set-paths.js';

const protocol = (): Record<string, unknown> => ({
  datasets: { rsna: { kind: 'rsna' } },
  model: { heads: { cls: { kind: 'cls' } } },
  phases: { classifier: { steps: 1 }, det: { steps: 1 } },
  tables: {},
});
const problem = (path: string): MultichexnetError => new MultichexnetError('CONFIG_VALUE', 'wrong', { path });
const tell = (assignment: string, ...paths: string[]): unknown[] =>
  setPaths(protocol(), [assignment])(paths.map(problem)).map(({ code, message, place }) => [code, place.path, message]);

test('a name that --set made and that has problems is told as a slip, with the nearest name and the others', () => {
  expect(tell('phases.clasifier.steps=10', 'phases.clasifier', 'phases.clasifier.x', 'seed')).toEqual([
    [
      'CLI_SET_INVALID',
      'phases.clasifier',
      '--set: there is no phase "clasifier"; did you mean "classifier"? phases: classifier, det',
    ],
    ['CONFIG_VALUE', 'phases.clasifier', 'wrong'],
    ['CONFIG_VALUE', 'phases.clasifier.x', 'wrong'],
    ['CONFIG_VALUE', 'seed', 'wrong'],
  ]);
});

test.each([
  ['phases.nope.x=1', 'phases.nope.x', '--set: there is no phase "nope"; known: classifier, det'],
  [
    'datasets.rnsa.root=a',
    'datasets.rnsa.kind',
    '--set: there is no dataset "rnsa"; did you mean "rsna"? datasets: rsna',
  ],
  ['model.heads.clss.x=1', 'model.heads.clss.kind', '--set: there is no head "clss"; did you mean "cls"? heads: cls'],
  ['tables.t.title=a', 'tables.t.rows', '--set: there is no table "t"; known: none'],
])('%s', (assignment, path, message) => {
  expect(tell(assignment, path)[0]).toEqual(['CLI_SET_INVALID', path.split('.').slice(0, -1).join('.'), message]);
});

test('what the file names, what is new and right, and what has no names keep their problems as they are', () => {
  expect(tell('phases.det.x=1', 'phases.det.x')).toHaveLength(1);
  expect(tell('phases.more.like=det', 'phases.det')).toHaveLength(1);
  expect(tell('phases.more.like=det')).toEqual([]);
  expect(setPaths({ phases: 3 }, ['seed=1'])([problem('phases')])).toHaveLength(1);
  expect(setPaths({ phases: null }, ['datasets={}'])([problem('phases')])).toHaveLength(1);
});
