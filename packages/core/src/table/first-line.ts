import { open } from 'node:fs/promises';

/** The first line that is not blank, without BOM, of at most 64 KiB; '' when there is none or the file can't be read. For telling tables apart. */
export async function firstLine(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(1 << 16), 0, 1 << 16, 0);
      bytes = buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
  const lines = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/);
  return lines.map((line) => line.trim()).find((line) => line !== '') ?? '';
}
