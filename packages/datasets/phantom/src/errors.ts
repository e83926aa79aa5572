export const phantomErrorCodes = {
  PHANTOM_OPTIONS: 'images, size or seed is out of range',
  PHANTOM_EXISTS: 'the folder holds a data set already',
} as const;

export type PhantomErrorCode = keyof typeof phantomErrorCodes;

export class PhantomError extends Error {
  readonly code: PhantomErrorCode;

  constructor(code: PhantomErrorCode, message: string) {
    super(message);
    this.name = 'PhantomError';
    this.code = code;
  }
}
