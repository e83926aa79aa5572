export const covidOptions = {
  type: 'object',
  properties: {
    views: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      uniqueItems: true,
      default: ['PA', 'AP', 'AP Supine', 'AP Erect', 'AP semi erect'],
      description:
        'Views to take, in the words of the table (PA, AP, AP Supine, L, ...; case does not matter). Frontal ones by default.',
    },
  },
  additionalProperties: false,
} as const;
