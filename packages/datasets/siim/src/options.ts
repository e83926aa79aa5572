export const siimOptions = { type: 'object', properties: {}, additionalProperties: false } as const;
