import * as tf from '@tensorflow/tfjs';
import { expectTypeOf } from 'vitest';
import { defineHead } from './head-plugin.js';

const age = defineHead({
  kind: 'age',
  apiVersion: 1,
  options: {
    type: 'object',
    properties: { hidden: { type: 'integer', minimum: 1, default: 128 } },
    additionalProperties: false,
  } as const,
  label: (sample) => sample.patient.ageYears,
  create: ({ hidden }) => {
    expectTypeOf(hidden).toEqualTypeOf<number>();
    return {
      build: ({ deepest }) => [deepest],
      encode: (ageYears) => [ageYears / 100],
      loss: ([output], [target], known) => tf.sum(tf.mul(tf.squaredDifference(output, target), known)).asScalar(),
      decode: ([value]) => ({ ageYears: value * 100 }),
      metrics: [],
    };
  },
});
expectTypeOf(age.kind).toEqualTypeOf<'age'>();
