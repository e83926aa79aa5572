import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenImages } from '../golden-files.js';
import {
  assertChestRadiograph,
  decodeGreyImage,
  ImagingError,
  readDicomHeader,
  readGreyImage,
  type DicomHeader,
} from '../index.js';
import { encodeElements, type ElementToWrite } from './encode-elements.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaging-dicom-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const explicit = '1.2.840.10008.1.2.1';
const small: ElementToWrite[] = [
  [0x00080060, 'CS', 'CR'],
  [0x00280002, 'US', 1],
  [0x00280004, 'CS', 'MONOCHROME2'],
  [0x00280010, 'US', 2],
  [0x00280011, 'US', 3],
  [0x00280100, 'US', 8],
  [0x00280101, 'US', 8],
  [0x00280102, 'US', 7],
  [0x00280103, 'US', 0],
];
const pixelData: ElementToWrite = [0x7fe00010, 'OB', Uint8Array.of(0, 50, 100, 150, 200, 250)];

/** A file of the given data set, `small` and pixels by default; elements are written in the order given. */
function file(
  elements: readonly (ElementToWrite | Uint8Array)[] = [...small, pixelData],
  syntax: string | undefined = explicit,
): Uint8Array {
  const body = elements.map((element) => (element instanceof Uint8Array ? element : encodeElements([element])));
  const meta = syntax === undefined ? [] : [encodeElements([[0x00020010, 'UI', syntax]])];
  return Buffer.concat([new Uint8Array(128), Buffer.from('DICM'), ...meta, ...body]);
}

function withElement(
  tag: number,
  replacement: ElementToWrite | Uint8Array | undefined,
): (ElementToWrite | Uint8Array)[] {
  const rest = [...small, pixelData].filter(([t]) => t !== tag);
  const at = rest.findIndex(([t]) => t > tag);
  return replacement === undefined ? rest : [...rest.slice(0, at), replacement, ...rest.slice(at)];
}

async function codeOf(bytes: Uint8Array, limits = {}): Promise<string> {
  const outcome = await decodeGreyImage(bytes, { limits }).catch((thrown: unknown) => thrown);
  if (outcome instanceof ImagingError) return outcome.code;
  if (outcome instanceof Error) throw outcome;
  return 'read';
}

test('the plain file is read', async () => {
  expect([...(await decodeGreyImage(file())).data]).toEqual([0, 50, 100, 150, 200, 250]);
});

test.each([
  // Sequences in private elements, which implicit VR does not tell: pydicom's nested_priv_SQ.
  [
    '01000100ffffffff' +
      'feff00e0ffffffff01000100ffffffff' +
      `feff00e0ffffffff0100010004000000${'41'.repeat(4)}feff0de000000000feffdde000000000` +
      `0100020004000000${'42'.repeat(4)}feff0de000000000feffdde000000000e07f1000020000000000`,
    '1.2.840.10008.1.2',
    'the data set cannot be parsed at its first element: a length leads out of the file',
  ],
  [
    '0800600043530200435208004011535100000800000008006000435302004352',
    explicit,
    'the data set cannot be parsed after element (0008,0060): a sequence has something else where an item must begin',
  ],
])('a header that leads nowhere is told in words, not in those of the parser', async (hex, syntax, words) => {
  const bytes = file([Buffer.from(hex, 'hex')], syntax);
  const error = await decodeGreyImage(bytes).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'ImagingError', code: 'DICOM_CORRUPT' });
  expect((error as ImagingError).reason).toBe(`${words}; export the file anew from its source, or leave it out`);
  expect((error as ImagingError).cause).toBeDefined();
});

describe('header', () => {
  test('is read from a path without the pixels, and from bytes', async () => {
    const { bytes } = goldenImages('dicom').find(({ name }) => name === 'rescale')!;
    const path = join(folder, 'header.dcm');
    await writeFile(path, bytes);
    const header = await readDicomHeader(path);
    expect(header).toMatchObject({
      sopInstanceUid: '2.25.1',
      studyInstanceUid: '2.25.2',
      seriesInstanceUid: '2.25.3',
      patientId: 'synthetic',
      patientSex: 'F',
      ageYears: 58,
      viewPosition: 'PA',
      modality: 'CR',
      bodyPartExamined: 'CHEST',
      rows: 14,
      columns: 20,
      bitsAllocated: 16,
      bitsStored: 12,
      numberOfFrames: 1,
      hasPixelData: true,
      transferSyntax: { uid: explicit, name: 'Explicit VR Little Endian' },
    });
    expect(await readDicomHeader(bytes)).toEqual(header);
  });

  test('grows its read until Pixel Data is reached, however long the header', async () => {
    const comment: ElementToWrite = [0x00204000, 'OB', new Uint8Array(300_001)];
    const path = join(folder, 'long.dcm');
    await writeFile(path, file(withElement(0x00204000, comment)));
    expect((await readDicomHeader(path)).columns).toBe(3);
    await expect(readDicomHeader(path, { headerBytes: 100_000 })).rejects.toMatchObject({
      code: 'DICOM_HEADER_LIMIT',
      path,
    });
  });

  test('meta information longer than the first read does not hide the transfer syntax', async () => {
    const meta = encodeElements([
      [0x00020001, 'OB', new Uint8Array(40_000)],
      [0x00020010, 'UI', explicit],
    ]);
    const path = join(folder, 'meta.dcm');
    await writeFile(
      path,
      Buffer.concat([new Uint8Array(128), Buffer.from('DICM'), meta, encodeElements([...small, pixelData])]),
    );
    expect((await readDicomHeader(path)).columns).toBe(3);
    await expect(readDicomHeader(path, { headerBytes: 20_000 })).rejects.toMatchObject({ code: 'DICOM_HEADER_LIMIT' });
  });

  test('the view may stand in PatientPosition', async () => {
    const position = (value: string) => readDicomHeader(file(withElement(0x00185100, [0x00185100, 'CS', value])));
    expect((await position('PA')).viewPosition).toBe('PA');
    expect((await position('HFS')).viewPosition).toBeUndefined();
  });

  test.each(['058Y', '006M'])('a deflated file is read, age %s', async (age) => {
    const body = encodeElements([...small.slice(0, 1), [0x00101010, 'AS', age], ...small.slice(1), pixelData]);
    const bytes = file([deflateRawSync(body)], '1.2.840.10008.1.2.1.99');
    const path = join(folder, 'deflated.dcm');
    await writeFile(path, bytes);
    expect((await readDicomHeader(path)).ageYears).toBe(age === '058Y' ? 58 : 0.5);
    expect([...(await readGreyImage(path)).data]).toEqual([0, 50, 100, 150, 200, 250]);
  });
});

describe('limits', () => {
  test('a deflate bomb stops at the ratio', async () => {
    const body = encodeElements([...small, [0x7fe00010, 'OB', new Uint8Array(60_000_000)]]);
    const bytes = file([deflateRawSync(body)], '1.2.840.10008.1.2.1.99');
    expect(bytes.length).toBeLessThan(100_000);
    const before = process.memoryUsage().rss;
    expect(await codeOf(bytes)).toBe('DICOM_INFLATE_LIMIT');
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    expect(await codeOf(bytes, { inflateRatio: 2000, inflatedBytes: 1e6 })).toBe('DICOM_INFLATE_LIMIT');
  });

  test.each([
    [64, 'read'],
    [65, 'DICOM_TOO_DEEP'],
    [4000, 'DICOM_TOO_DEEP'],
    [60_000, 'DICOM_TOO_DEEP'],
  ])('%i nested sequences: %s', async (depth, code) => {
    const open = Buffer.from('08004011' + '53510000ffffffff' + 'feff00e0ffffffff', 'hex'); // (0008,1140) SQ, item, undefined lengths
    const close = Buffer.from('feff0de000000000' + 'feffdde000000000', 'hex');
    const nested = Buffer.concat([...Array<Buffer>(depth).fill(open), ...Array<Buffer>(depth).fill(close)]);
    expect(await codeOf(file(withElement(0x00081140, nested)))).toBe(code);
  });

  test('too many elements', async () => {
    const item = encodeElements([[0x00080060, 'CS', 'CR']]);
    const items = Array.from({ length: 300 }, () =>
      Buffer.concat([Buffer.from('feff00e0', 'hex'), Uint8Array.of(item.length, 0, 0, 0), item]),
    );
    const body = Buffer.concat(items);
    const head = Buffer.from('080040115351000000000000', 'hex');
    head.writeUInt32LE(body.length, 8);
    const bytes = file(withElement(0x00081140, Buffer.concat([head, body])));
    expect(await codeOf(bytes)).toBe('read');
    expect(await codeOf(bytes, { elements: 200 })).toBe('DICOM_TOO_MANY_ELEMENTS');
  });

  test.each([
    ['implicit', '1.2.840.10008.1.2', '10004020f0ffffff'],
    ['explicit', explicit, '100040204f420000f0ffffff'],
  ])('a length of FFFFFFF0 in a small %s file', async (_, syntax, hex) => {
    const before = process.memoryUsage().rss;
    expect(await codeOf(file([Buffer.from(hex, 'hex'), new Uint8Array(20)], syntax))).toBe('DICOM_LENGTH_OUT_OF_FILE');
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });
});

describe('what cannot be', () => {
  const us = (tag: number, value: number): ElementToWrite => [tag, 'US', value];
  const raw = (hex: string) => Buffer.from(hex, 'hex');

  test.each<[string, Uint8Array, string]>([
    ['no transfer syntax', file([...small, pixelData], ''), 'DICOM_NO_TRANSFER_SYNTAX'],
    ['no Pixel Data', file(small), 'DICOM_NO_PIXELS'],
    ['no Rows', file(withElement(0x00280010, undefined)), 'DICOM_BAD_GEOMETRY'],
    ['Rows 0', file(withElement(0x00280010, us(0x00280010, 0))), 'DICOM_BAD_GEOMETRY'],
    ['Rows as UL', file(withElement(0x00280010, raw('28001000' + '554c0400' + '02000000'))), 'DICOM_BAD_GEOMETRY'],
    [
      'two values of Rows',
      file(withElement(0x00280010, raw('28001000' + '55530400' + '02000200'))),
      'DICOM_BAD_GEOMETRY',
    ],
    ['pixels short', file(withElement(0x00280010, us(0x00280010, 3))), 'DICOM_PIXELS_SHORT'],
    ['65535 x 65535', file(withElement(0x00280010, us(0x00280010, 65_535))), 'DICOM_PIXELS_SHORT'],
    ['BitsStored over BitsAllocated', file(withElement(0x00280101, us(0x00280101, 12))), 'DICOM_BAD_PIXEL_MODULE'],
    ['BitsStored 0', file(withElement(0x00280101, us(0x00280101, 0))), 'DICOM_BAD_PIXEL_MODULE'],
    ['HighBit below the stored bits', file(withElement(0x00280102, us(0x00280102, 3))), 'DICOM_BAD_PIXEL_MODULE'],
    ['HighBit outside the cell', file(withElement(0x00280102, us(0x00280102, 8))), 'DICOM_BAD_PIXEL_MODULE'],
    ['12 bits allocated', file(withElement(0x00280100, us(0x00280100, 12))), 'DICOM_BAD_PIXEL_MODULE'],
    ['32 bits allocated, 8 there', file(withElement(0x00280100, us(0x00280100, 32))), 'DICOM_PIXELS_SHORT'],
    ['three samples of grey', file(withElement(0x00280002, us(0x00280002, 3))), 'DICOM_BAD_PIXEL_MODULE'],
    [
      'PALETTE COLOR without tables',
      file(withElement(0x00280004, [0x00280004, 'CS', 'PALETTE COLOR'])),
      'DICOM_BAD_PIXEL_MODULE',
    ],
    [
      'a window of width 0',
      file([...small, [0x00281050, 'DS', '40'], [0x00281051, 'DS', '0'], pixelData]),
      'DICOM_BAD_PIXEL_MODULE',
    ],
    ['a window without width', file([...small, [0x00281050, 'DS', '40'], pixelData]), 'DICOM_BAD_PIXEL_MODULE'],
    ['a slope that is no number', file([...small, [0x00281053, 'DS', 'NaN'], pixelData]), 'DICOM_BAD_PIXEL_MODULE'],
    ['a slope without bounds', file([...small, [0x00281053, 'DS', '1e308'], pixelData]), 'DICOM_BAD_PIXEL_MODULE'],
    ['frames', file(withElement(0x00280008, [0x00280008, 'IS', '2'])), 'DICOM_MULTIFRAME_UNSUPPORTED'],
    ['frames in words', file(withElement(0x00280008, [0x00280008, 'IS', 'two'])), 'DICOM_BAD_PIXEL_MODULE'],
    ['unknown syntax', file([...small, pixelData], '1.2.3'), 'DICOM_SYNTAX_UNSUPPORTED'],
    ['encapsulated syntax, native pixels', file([...small, pixelData], '1.2.840.10008.1.2.4.50'), 'DICOM_CORRUPT'],
    [
      'a lookup table of 3 entries that are not there',
      file([...small, voiLut(3, 2), pixelData]),
      'DICOM_BAD_PIXEL_MODULE',
    ],
    [
      'a lookup table with an entry over its bits',
      file([...small, voiLut(2, 2, 8, 300), pixelData]),
      'DICOM_BAD_PIXEL_MODULE',
    ],
    ['a descriptor of 0 entries, meaning 65536', file([...small, voiLut(0, 2), pixelData]), 'DICOM_BAD_PIXEL_MODULE'],
  ])('%s', async (_, bytes, code) => {
    expect(await codeOf(bytes)).toBe(code);
  });

  test('a slope of 0 shows one value and says so, without dividing by zero', async () => {
    const image = await decodeGreyImage(file([...small, [0x00281052, 'DS', '3'], [0x00281053, 'DS', '0'], pixelData]));
    expect(image.constant).toBe(true);
    expect(new Set(image.data)).toEqual(new Set([0]));
  });

  test('a delimiter whose length is FFFFFFFF, as some vendors write it, is a delimiter', async () => {
    const { bytes } = goldenImages('dicom').find(({ name }) => name === 'JPEG grey, 1 fragments')!;
    const odd = bytes.slice();
    expect(Buffer.from(odd.subarray(-8)).toString('hex')).toBe('feffdde000000000');
    odd.fill(0xff, -4);
    expect(await codeOf(odd)).toBe('read');
    expect(await codeOf(bytes.subarray(0, -8))).toBe('DICOM_TRUNCATED');
  });

  test('a stack of syntaxes without a decoder is refused by name', async () => {
    for (const [uid, name] of [
      ['1.2.840.10008.1.2.4.92', 'JPEG 2000 Part 2 Lossless'],
      ['1.2.840.10008.1.2.4.110', 'JPEG XL Lossless'],
      ['1.2.840.10008.1.2.4.100', 'MPEG2 Main Profile'],
    ] as const) {
      await expect(decodeGreyImage(file([...small, pixelData], uid))).rejects.toThrow(`${uid} (${name})`);
    }
  });

  test('one frame is bounded by the pixel limit', async () => {
    expect(await codeOf(file(), { pixels: 5 })).toBe('IMAGE_LIMIT');
  });
});

describe('chest radiographs', () => {
  const header = async (changes: Partial<DicomHeader>): Promise<DicomHeader> => ({
    ...(await readDicomHeader(file())),
    bodyPartExamined: 'CHEST',
    ...changes,
  });

  test.each<[string, Partial<DicomHeader>]>([
    ['CR', {}],
    ['DX for presentation', { modality: 'DX', sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1' }],
    ['no body part', { bodyPartExamined: undefined }],
    ['a port chest', { bodyPartExamined: 'PORT CHEST' }],
    ['lying on the back', { patientPosition: 'HFS' }],
  ])('%s passes', async (_, changes) => {
    expect(() => assertChestRadiograph({ ...({} as DicomHeader), ...changes })).toThrow(ImagingError); // an empty header never passes
    assertChestRadiograph(await header(changes));
  });

  test.each<[Partial<DicomHeader>, RegExp]>([
    [{ modality: 'CT' }, /Modality CT/],
    [
      { modality: 'MR', sopClassUid: '1.2.840.10008.5.1.4.1.1.4' },
      /Modality MR, SOP class 1\.2\.840\.10008\.5\.1\.4\.1\.1\.4/,
    ],
    [{ modality: undefined }, /Modality absent/],
    [{ sopClassUid: '1.2.840.10008.5.1.4.1.1.104.1' }, /104\.1/], // encapsulated PDF
    [{ numberOfFrames: 30 }, /30 frames/],
    [{ bodyPartExamined: 'RIBCAGE' }, /RIBCAGE/],
    [{ bodyPartExamined: 'ZZPATIENT' }, /another part/],
    [{ patientPosition: 'XX' }, /XX is neither/],
    [{ hasPixelData: false }, /no pixel data/],
  ])('%j is refused with its reason', async (changes, reason) => {
    const refused = await header(changes);
    expect(() => assertChestRadiograph(refused)).toThrow(reason);
    expect(() => assertChestRadiograph(refused)).toThrow(
      expect.objectContaining({ code: 'DICOM_NOT_A_RADIOGRAPH' }) as Error,
    );
  });

  test('a presentation state without Rows is named as what it is, and has no pixels', async () => {
    const state = file([
      [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.11.1'],
      [0x00080060, 'CS', 'PR'],
    ]);
    await expect(decodeGreyImage(state, { chestRadiographOnly: true })).rejects.toMatchObject({
      code: 'DICOM_NOT_A_RADIOGRAPH',
    });
    await expect(decodeGreyImage(state)).rejects.toMatchObject({ code: 'DICOM_NO_PIXELS' });
  });
});

test('no text of a file gets into a message', async () => {
  const word = 'ZZPATIENT';
  const texts: ElementToWrite[] = [
    0x00080016, 0x00080018, 0x00080060, 0x00100010, 0x00100020, 0x00100040, 0x00101010, 0x00180015, 0x00185100,
    0x00185101, 0x0020000d,
  ].map((tag) => [tag, 'LO', word]);
  for (const last of [0x00280004, 0x00280008, 0x00281050, 0x00281053, 0x00281056]) {
    const images = [...small, [0x00281050, 'DS', '1'] as const, [0x00281051, 'DS', '9'] as const].filter(
      ([tag]) => tag !== last && tag > 0x00100000,
    );
    const elements = [...texts, ...images, [last, 'LO', word] as const].sort(([a], [b]) => a - b);
    for (const chestRadiographOnly of [true, false]) {
      const error = await decodeGreyImage(file([...elements, pixelData]), { chestRadiographOnly }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ImagingError);
      expect(`${(error as Error).message} ${String((error as Error).cause)}`).not.toContain(word);
    }
  }
});

/** VOI LUT Sequence with one item: a descriptor of `stated` entries of `bits`, and `given` words of data. */
function voiLut(stated: number, given: number, bits = 16, value = 1): Uint8Array {
  const item = Buffer.concat([
    Buffer.from('280002305553' + '0600', 'hex'),
    new Uint8Array(Uint16Array.of(stated, 0, bits).buffer),
    Buffer.from('280006305553', 'hex'),
    new Uint8Array(Uint16Array.of(given * 2).buffer),
    new Uint8Array(new Uint16Array(given).fill(value).buffer),
  ]);
  const head = Buffer.from('2800103053510000' + '00000000' + 'feff00e000000000', 'hex');
  head.writeUInt32LE(item.length + 8, 8);
  head.writeUInt32LE(item.length, 16);
  return Buffer.concat([head, item]);
}
