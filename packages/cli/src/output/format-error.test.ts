import { MultichexnetError, ProblemsError } from '@multichexnet/core';
import { EngineError } from '@multichexnet/engine';
import { ImagingError } from '@multichexnet/imaging';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CliError } from '../errors.js';
import { describeFailure, failureDocument, formatFailure, shortPath } from './format-error.js';
import { createStyle } from './style.js';

const style = createStyle({ columns: 80 }, {});
const here = join(process.cwd(), 'multichexnet.config.yaml');

test('every problem with its place, its text below, and that nothing was started', () => {
  const failure = describeFailure(
    new ProblemsError([
      new MultichexnetError('CONFIG_UNKNOWN_KEY', 'head "det" has no option "ancors"; did you mean "anchors"?', {
        file: here,
        line: 7,
        path: 'model.heads.det.ancors',
      }),
      new MultichexnetError('DATA_ROOT_MISSING', 'data/siim is no folder', { path: 'datasets.siim.root' }),
    ]),
  );
  expect(formatFailure(failure, style)).toBe(
    [
      'error CONFIG_UNKNOWN_KEY  multichexnet.config.yaml:7  model.heads.det.ancors',
      '  head "det" has no option "ancors"; did you mean "anchors"?',
      'error DATA_ROOT_MISSING  datasets.siim.root',
      '  data/siim is no folder',
      '2 problems; nothing was started.',
    ].join('\n'),
  );
  expect(failureDocument(failure)).toEqual({
    error: expect.objectContaining({ code: 'CONFIG_UNKNOWN_KEY', line: 7, path: 'model.heads.det.ancors' }) as object,
    problems: [
      expect.objectContaining({ line: 7 }),
      { code: 'DATA_ROOT_MISSING', message: 'data/siim is no folder', path: 'datasets.siim.root' },
    ],
  });
});

test('errors of every package look alike', () => {
  expect(describeFailure(new EngineError('ENGINE_BUSY', 'await it')).problems).toEqual([
    { code: 'ENGINE_BUSY', message: 'await it' },
  ]);
  expect(describeFailure(new ImagingError('IMAGE_CORRUPT', 'cut', { path: '/a.png' })).problems).toEqual([
    { code: 'IMAGE_CORRUPT', message: 'cut', file: '/a.png' },
  ]);
  expect(describeFailure(new CliError('CLI_OPTION_VALUE', 'no')).problems).toEqual([
    { code: 'CLI_OPTION_VALUE', message: 'no' },
  ]);
});

test.each([
  [new CliError('CLI_UNKNOWN_COMMAND', ''), 2],
  [new MultichexnetError('CONFIG_TYPE', ''), 2],
  [new MultichexnetError('PROTOCOL_CYCLE', ''), 2],
  [new MultichexnetError('DATA_ROOT_MISSING', ''), 2],
  [new MultichexnetError('RUN_EXISTS', ''), 2],
  [new MultichexnetError('RUN_LOCKED', ''), 1],
  [new MultichexnetError('CSV_HEADER', ''), 1],
  [new MultichexnetError('TRAIN_LOSS_NOT_FINITE', ''), 1],
  [new MultichexnetError('INTERRUPTED', ''), 130],
  [new MultichexnetError('RUN_PREEMPTED', ''), 143],
  [new MultichexnetError('PEER_LOST', ''), 200],
  [new MultichexnetError('DISK_FULL', ''), 200],
  [new Error('x'), 1],
  ['thrown text', 1],
])('%s exits with %i', (error, code) => {
  expect(describeFailure(error).exitCode).toBe(code);
});

test('what nobody foresaw is called a defect, and a system error keeps its code', () => {
  expect(describeFailure(new TypeError('x is not a function')).problems[0]).toMatchObject({ code: 'INTERNAL' });
  const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: '/root/x' });
  expect(describeFailure(denied).problems[0]).toMatchObject({
    code: 'EACCES',
    message: 'permission denied',
    file: '/root/x',
  });
});

test('paths are short where they can be', () => {
  expect(shortPath('/a/b/c', '/a')).toBe('b/c');
  expect(shortPath('/a', '/a')).toBe('.');
  expect(shortPath('/b/c', '/a')).toBe('/b/c');
});
