import { defineHead, dense, globalAveragePool, huber, meanAbsoluteError } from '@multichexnet/core';

/** Patient age in years, from the deepest features. */
export default defineHead({
  kind: 'age',
  apiVersion: 1,
  options: {
    type: 'object',
    properties: { hidden: { type: 'integer', minimum: 1, default: 128 } },
    additionalProperties: false,
  } as const,
  label: (sample) => sample.patient.ageYears, // undefined = unknown: masked, never zero
  create: ({ hidden }) => ({
    build: ({ deepest }) => [dense(1)(dense(hidden, 'relu')(globalAveragePool(deepest)))], // [b, 1]
    encode: (ageYears) => [ageYears / 100], // [1]
    loss: ([output], [target], known) => huber(output, target, known), // scalar over samples whose age is known
    decode: ([value]) => ({ ageYears: value * 100 }),
    metrics: [meanAbsoluteError('ageYears')],
  }),
});
