import { harmonise } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { words } from './labels.js';

test('its words are those of the one vocabulary', () => {
  for (const word of words) expect(harmonise(word)).toBe(word);
});
