import { expect, test } from 'vitest';
import * as imaging from './index.js';

test('what the package exports', () => {
  expect(Object.keys(imaging).sort()).toMatchInlineSnapshot(`
    [
      "HASH_BITS",
      "ImagingError",
      "applyAugmentation",
      "assertChestRadiograph",
      "augment",
      "augmentInto",
      "boxArea",
      "boxIou",
      "boxesFromMask",
      "clipBox",
      "createRandom",
      "createUid",
      "cropImage",
      "decodeGreyImage",
      "decodeRle",
      "defaultReadLimits",
      "differenceHash",
      "drawAugmentation",
      "encodeNpy",
      "encodePngGrey",
      "encodePngMask",
      "encodeRle",
      "equaliseAdaptively",
      "fitBox",
      "fitImage",
      "fitMask",
      "fitTransform",
      "imagingErrorCodes",
      "insideBorders",
      "maskCoverage",
      "maskOfBoxes",
      "parseAge",
      "parseRle",
      "pasteMap",
      "pixelStages",
      "readDicomHeader",
      "readDicomPixels",
      "readGreyImage",
      "readImageFacts",
      "readResizedImage",
      "resizeArea",
      "resizeBilinear",
      "resizeImage",
      "resizeMaskArea",
      "resizeMaskNearest",
      "runsOfMask",
      "scaleBox",
      "unfitBox",
      "unfitMap",
      "unfitMask",
      "writeDicom",
    ]
  `);
});

test('error codes are stable words with a meaning', () => {
  for (const [code, meaning] of Object.entries(imaging.imagingErrorCodes)) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
    expect(meaning.length).toBeGreaterThan(10);
  }
});
