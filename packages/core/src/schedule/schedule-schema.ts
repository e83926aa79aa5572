/** A word that names something. */
export const name = { type: 'string', minLength: 1 } as const;
export const names = { type: 'array', items: name, minItems: 1, uniqueItems: true } as const;

const turn = {
  type: 'object',
  required: ['on', 'train'],
  properties: { on: name, train: names, heads: names, ratio: { type: 'number', exclusiveMinimum: 0 } },
  additionalProperties: false,
} as const;
/** A schedule over turns of the given shape: a protocol and a config write them differently. */
export const scheduleOver = <const Turn extends object>(turn: Turn) => {
  const turns = { type: 'array', items: turn, minItems: 1 } as const;
  return {
    type: 'object',
    required: ['kind', 'turns'],
    properties: { kind: name, turns: { type: 'array' } },
    discriminator: { propertyName: 'kind' },
    oneOf: [
      {
        properties: {
          kind: { const: 'alternating' },
          turns,
          order: { type: 'string', enum: ['strict', 'random'] },
          temperature: { type: 'number', exclusiveMinimum: 0 },
          literal: { type: 'boolean' },
        },
        additionalProperties: false,
      },
      { properties: { kind: { const: 'joint' }, turns }, additionalProperties: false },
    ],
  } as const;
};

export const scheduleSchema = scheduleOver(turn);
