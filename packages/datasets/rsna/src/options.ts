export const rsnaOptions = {
  type: 'object',
  properties: {
    headers: {
      type: 'boolean',
      default: true,
      description:
        'Read every DICOM header for sex, age, view and size. Without it these are unknown and boxes are checked against 1024 x 1024.',
    },
  },
  additionalProperties: false,
} as const;
