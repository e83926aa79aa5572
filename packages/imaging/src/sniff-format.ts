export type ImageFormat = 'png' | 'jpeg' | 'dicom';

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const dicmAt128 = [0x44, 0x49, 0x43, 0x4d];

/**
 * The format by its signature, whatever the file is called: PNG (8 bytes), JPEG (FF D8 FF), DICOM (DICM after a preamble of
 * 128 bytes, PS3.10 7.1); undefined when it is none of them. A DICOM preamble may itself look like another format (PS3.10
 * 7.1 allows TIFF and the like there), so DICOM is looked for first.
 */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (matches(bytes, 128, dicmAt128)) return 'dicom';
  if (matches(bytes, 0, pngSignature)) return 'png';
  if (matches(bytes, 0, [0xff, 0xd8, 0xff])) return 'jpeg';
  return undefined;
}

/** The first bytes as hex, for error messages. */
export function hexOfStart(bytes: Uint8Array, count = 8): string {
  if (bytes.length === 0) return 'the file is empty';
  const hex = Array.from(bytes.subarray(0, count), (byte) => byte.toString(16).padStart(2, '0'));
  return `it starts with ${hex.join(' ')}`;
}

function matches(bytes: Uint8Array, offset: number, signature: readonly number[]): boolean {
  return bytes.length >= offset + signature.length && signature.every((byte, i) => bytes[offset + i] === byte);
}
