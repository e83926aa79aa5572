import { ImagingError } from '../errors.js';
import type { DicomHeader } from './dicom-header.js';

/** The checked numbers of the Image Pixel module (PS3.3 C.7.6.3). */
export interface PixelModule {
  readonly width: number;
  readonly height: number;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  /** Right shift that brings the stored bits down to bit 0. */
  readonly shift: number;
  readonly signed: boolean;
  readonly samples: 1 | 3;
  readonly planar: boolean;
  readonly photometric: 'MONOCHROME1' | 'MONOCHROME2' | 'RGB' | 'YBR';
}

/** @throws ImagingError DICOM_BAD_PIXEL_MODULE naming the numbers that contradict each other */
export function checkPixelModule(header: DicomHeader): PixelModule {
  const { bitsAllocated, bitsStored, samplesPerPixel } = header;
  const highBit = header.highBit ?? (bitsStored ?? 0) - 1;
  if (bitsAllocated !== 8 && bitsAllocated !== 16)
    throw bad(`BitsAllocated ${bitsAllocated ?? 'absent'}; 8 and 16 are read`);
  if (bitsStored === undefined || bitsStored < 1 || bitsStored > bitsAllocated) {
    throw bad(`BitsStored ${bitsStored ?? 'absent'} in BitsAllocated ${bitsAllocated}`);
  }
  if (highBit < bitsStored - 1 || highBit >= bitsAllocated) {
    throw bad(`HighBit ${highBit} with BitsStored ${bitsStored} in BitsAllocated ${bitsAllocated}`);
  }
  const photometric = photometricOf(header);
  const samples = photometric === 'MONOCHROME1' || photometric === 'MONOCHROME2' ? 1 : 3;
  if (samplesPerPixel !== samples)
    throw bad(`SamplesPerPixel ${samplesPerPixel} with ${header.photometricInterpretation ?? ''}`);
  if (samples === 3 && (bitsAllocated !== 8 || bitsStored !== 8 || header.pixelRepresentation !== 0)) {
    throw bad('colour with other than 8 unsigned bits per sample');
  }
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

function photometricOf(header: DicomHeader): PixelModule['photometric'] {
  const value = header.photometricInterpretation;
  if (value === 'MONOCHROME1' || value === 'MONOCHROME2' || value === 'RGB') return value;
  const subsampled = value === 'YBR_FULL_422' && header.transferSyntax.codec === 'jpeg-8'; // the codec undoes the subsampling
  if (value === 'YBR_FULL' || subsampled) return 'YBR';
  throw bad(
    `PhotometricInterpretation ${value === undefined ? 'absent' : 'is none of MONOCHROME1, MONOCHROME2, RGB, YBR_FULL'}`,
  );
}

function bad(reason: string): ImagingError {
  return new ImagingError('DICOM_BAD_PIXEL_MODULE', reason);
}
