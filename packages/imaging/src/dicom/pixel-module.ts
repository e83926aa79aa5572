import { ImagingError } from '../errors.js';
import type { DicomHeader } from './dicom-header.js';

/** The checked numbers of the Image Pixel module (PS3.3 C.7.6.3). */
export interface PixelModule {
  readonly width: number;
  readonly height: number;
  readonly bitsAllocated: 1 | 8 | 16 | 32;
  readonly bitsStored: number;
  /** Right shift that brings the stored bits of a native cell down to bit 0. */
  readonly shift: number;
  readonly signed: boolean;
  readonly samples: 1 | 3;
  readonly planar: boolean;
  readonly photometric: Photometric;
}

/** Photometric interpretations that are read; YBR_RCT and YBR_ICT are RGB once the codec has undone them. */
export type Photometric = 'MONOCHROME1' | 'MONOCHROME2' | 'PALETTE COLOR' | 'RGB' | 'YBR_FULL' | 'YBR_FULL_422';

/** @throws ImagingError DICOM_BAD_PIXEL_MODULE naming the numbers that contradict each other */
export function checkPixelModule(header: DicomHeader): PixelModule {
  const { bitsAllocated, bitsStored, samplesPerPixel } = header;
  const highBit = header.highBit ?? (bitsStored ?? 0) - 1;
  if (bitsAllocated !== 1 && bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32)
    throw bad(`BitsAllocated ${bitsAllocated ?? 'absent'}; 1, 8, 16 and 32 are read`);
  if (bitsStored === undefined || bitsStored < 1 || bitsStored > bitsAllocated) {
    throw bad(`BitsStored ${bitsStored ?? 'absent'} in BitsAllocated ${bitsAllocated}`);
  }
  if (highBit < bitsStored - 1 || highBit >= bitsAllocated) {
    throw bad(`HighBit ${highBit} with BitsStored ${bitsStored} in BitsAllocated ${bitsAllocated}`);
  }
  const photometric = photometricOf(header);
  const samples = photometric.startsWith('MONOCHROME') || photometric === 'PALETTE COLOR' ? 1 : 3;
  if (samplesPerPixel !== samples)
    throw bad(`SamplesPerPixel ${samplesPerPixel} with ${header.photometricInterpretation ?? ''}`);
  const colour = samples === 3 && bitsAllocated !== bitsStored;
  if (colour || (samples === 3 && bitsAllocated !== 8 && bitsAllocated !== 16))
    throw bad(`colour with BitsStored ${bitsStored} in BitsAllocated ${bitsAllocated}`);
  if (header.pixelRepresentation === 1 && (samples === 3 || photometric === 'PALETTE COLOR'))
    throw bad('colour with signed samples');
  if (photometric === 'PALETTE COLOR' && bitsAllocated > 16)
    throw bad(`a palette with ${bitsAllocated} bits allocated`);
  if (header.planarConfiguration > 1) throw bad(`PlanarConfiguration ${header.planarConfiguration}`);
  return {
    width: header.columns,
    height: header.rows,
    bitsAllocated,
    bitsStored,
    shift: highBit - (bitsStored - 1),
    signed: header.pixelRepresentation === 1,
    samples,
    planar: header.planarConfiguration === 1,
    photometric,
  };
}

const read: readonly Photometric[] = ['MONOCHROME1', 'MONOCHROME2', 'PALETTE COLOR', 'RGB', 'YBR_FULL', 'YBR_FULL_422'];

function photometricOf({ photometricInterpretation: value, transferSyntax }: DicomHeader): Photometric {
  const wavelet = transferSyntax.codec === 'jpeg-2000' || transferSyntax.codec === 'htj2k';
  if (wavelet && (value === 'YBR_RCT' || value === 'YBR_ICT')) return 'RGB';
  const found = read.find((photometric) => photometric === value);
  if (found === undefined)
    throw bad(`PhotometricInterpretation ${value === undefined ? 'absent' : `is none of ${read.join(', ')}`}`);
  return found;
}

function bad(reason: string): ImagingError {
  return new ImagingError('DICOM_BAD_PIXEL_MODULE', reason);
}
