import sharp from 'sharp';

/** The odd encodings that the real sets hold: grey values as RGB JPEG, grey JPEG, RGB or RGBA PNG. */
export type OddEncoding = 'rgb-jpeg' | 'grey-jpeg' | 'rgb-png' | 'rgba-png';

/** @param pixels 0..255, row-major, [size * size] */
export async function encodeGrey(pixels: Uint8Array, size: number, encoding: OddEncoding): Promise<Uint8Array> {
  if (encoding === 'grey-jpeg') {
    const grey = sharp(pixels, { raw: { width: size, height: size, channels: 1 } });
    return grey.toColourspace('b-w').jpeg({ quality: 95 }).toBuffer();
  }
  const channels = encoding === 'rgba-png' ? 4 : 3;
  const spread = new Uint8Array(pixels.length * channels).fill(255);
  for (let i = 0; i < pixels.length; i++) spread.fill(pixels[i] ?? 0, i * channels, i * channels + 3);
  const colour = sharp(spread, { raw: { width: size, height: size, channels } });
  return encoding === 'rgb-jpeg'
    ? colour.jpeg({ quality: 95 }).toBuffer()
    : colour.png({ compressionLevel: 6 }).toBuffer();
}
