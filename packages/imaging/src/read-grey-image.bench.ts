import { bench, describe } from 'vitest';
import { augment, createRandom, createUid, decodeGreyImage, encodePngGrey, resizeArea, writeDicom } from './index.js';

const side = 1024;
const random = createRandom(1, 'bench');
const pixels = Uint8Array.from({ length: side * side }, (_, i) => {
  const x = (i % side) / side;
  const y = Math.floor(i / side) / side;
  return Math.round(110 + 90 * Math.sin(9 * x) * Math.cos(7 * y) + 12 * random.uniform(-1, 1));
});
const uids = { sopInstanceUid: createUid('a'), studyInstanceUid: createUid('b'), seriesInstanceUid: createUid('c') };
const jpegDicom = await writeDicom({ ...uids, width: side, height: side, pixels, encoding: { jpegQuality: 90 } });
const plainDicom = await writeDicom({ ...uids, width: side, height: side, pixels });
const png = await encodePngGrey(pixels, side, side);
const small = resizeArea({ width: side, height: side, data: pixels }, 256, 256);
const change = { rotation: 10, scale: [0.9, 1.1], translate: 0.05, gamma: [0.8, 1.2] } as const;

describe('1024 x 1024 to 256 x 256', () => {
  bench('JPEG in DICOM', async () => void resizeArea(await decodeGreyImage(jpegDicom), 256, 256));
  bench('uncompressed DICOM', async () => void resizeArea(await decodeGreyImage(plainDicom), 256, 256));
  bench('PNG', async () => void resizeArea(await decodeGreyImage(png), 256, 256));
  bench('area average alone', () => void resizeArea({ width: side, height: side, data: pixels }, 256, 256));
  bench(
    'augmentation of the 256 x 256 image',
    () => void augment({ image: small }, change, createRandom(1, 'augment')),
  );
});
