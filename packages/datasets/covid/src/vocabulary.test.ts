import { harmonise } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { noFinding, vocabulary } from './findings.js';

test('its words are those of the one vocabulary', () => {
  for (const word of [...vocabulary, noFinding]) expect(harmonise(word)).toBe(word);
});
