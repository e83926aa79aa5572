// Reading
export { readGreyImage, decodeGreyImage } from './read-grey-image.js';
export type { ReadImage, ReadOptions } from './read-grey-image.js';
export { readResizedImage } from './read-resized-image.js';
export type { ResizedImage } from './read-resized-image.js';
export { readDicomPixels } from './dicom/read-dicom-pixels.js';
export { pixelStages } from './dicom/decode-pixels.js';
export type { DicomPixels, PixelStage, PixelTags } from './dicom/decode-pixels.js';
export type { Rescale, VoiWindow } from './dicom/lookup-tables.js';
export type { StoredValues } from './dicom/stored-value.js';
export { readImageFacts } from './read-image-facts.js';
export type { ImageFacts } from './read-image-facts.js';
export { readDicomHeader } from './dicom/read-dicom-header.js';
export { assertChestRadiograph } from './dicom/assert-chest-radiograph.js';
export { parseAge } from './dicom/parse-age.js';
export type { DicomHeader } from './dicom/dicom-header.js';
export type { TransferSyntax } from './dicom/transfer-syntaxes.js';
export { defaultReadLimits } from './limits.js';
export type { ReadLimits } from './limits.js';
export type { ImageFormat } from './sniff-format.js';
export type { GreyData, GreyImage, GreyImage8, Size } from './grey-image.js';

// Writing
export { encodeNpy } from './npy/encode-npy.js';
export type { NpyData } from './npy/encode-npy.js';
export { encodePngGrey, encodePngMask } from './png/encode-png.js';
export { writeDicom } from './dicom/write-dicom.js';
export type { DicomToWrite } from './dicom/write-dicom.js';
export { createUid } from './dicom/create-uid.js';

// Run-length masks
export { parseRle } from './rle/parse-rle.js';
export { decodeRle } from './rle/decode-rle.js';
export type { DecodeRleOptions } from './rle/decode-rle.js';
export { encodeRle, runsOfMask } from './rle/encode-rle.js';
export type { RleFormat, RleOrder, Run } from './rle/run.js';

// Resizing
export { resizeArea, resizeBilinear, resizeImage } from './resize/resize-image.js';
export type { Resizable } from './resize/resize-image.js';
export { maskCoverage, resizeMaskArea, resizeMaskNearest } from './resize/resize-mask.js';

// Comparing
export { differenceHash, HASH_BITS } from './hash/difference-hash.js';

// Geometry
export { boxArea, boxIou, clipBox, maskOfBoxes, scaleBox } from './geometry/box.js';
export type { Box } from './geometry/box.js';
export { cropImage, insideBorders, pasteMap } from './geometry/image-borders.js';
export type { BorderOptions } from './geometry/image-borders.js';
export { boxesFromMask } from './geometry/boxes-from-mask.js';
export type { MaskPart } from './geometry/boxes-from-mask.js';
export { fitBox, fitImage, fitMask, fitTransform, unfitBox, unfitMap, unfitMask } from './geometry/fit-transform.js';
export type { FitMode, FitTransform } from './geometry/fit-transform.js';

// Augmentation
export { applyAugmentation, augment, augmentInto } from './augment/augment.js';
export type { AugmentedSample, AugmentSample } from './augment/augment.js';
export { drawAugmentation } from './augment/draw-augmentation.js';
export type { Augmentation, AugmentOptions } from './augment/draw-augmentation.js';
export { equaliseAdaptively } from './augment/clahe.js';

// Randomness
export { createRandom } from './random/create-random.js';
export type { Random } from './random/create-random.js';

// Errors
export { ImagingError, imagingErrorCodes } from './errors.js';
export type { ImagingErrorCode } from './errors.js';
