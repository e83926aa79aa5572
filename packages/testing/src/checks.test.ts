import { expect, test } from 'vitest';
import { registerChecks } from './checks.js';
import { testHead } from './test-head.js';

const checks = [{ name: 'shapes', run: () => undefined }];

test('a skip must name a check and give a reason', () => {
  expect(() => registerChecks('head "x"', checks, [{ test: 'shape', reason: 'why' }])).toThrow(
    expect.objectContaining({ code: 'TESTING_SKIP_UNKNOWN' }),
  );
  expect(() => registerChecks('head "x"', checks, [{ test: 'shapes', reason: ' ' }])).toThrow(
    expect.objectContaining({ code: 'TESTING_SKIP_REASON' }),
  );
});

test('a kit without a known label would prove nothing', () => {
  expect(() => testHead({ kind: 'x' } as never, { labels: [undefined] })).toThrow(
    expect.objectContaining({ code: 'TESTING_NO_LABEL' }),
  );
});
