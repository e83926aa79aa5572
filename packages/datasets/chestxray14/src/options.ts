export const chestXray14Options = { type: 'object', properties: {}, additionalProperties: false } as const;
