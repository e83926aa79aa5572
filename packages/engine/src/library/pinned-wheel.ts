/** The one TensorFlow build this package fetches: a PyPI wheel, of which only the C library is kept. */
export interface PinnedWheel {
  /** PyPI distribution and version, as pip takes it. */
  readonly requirement: string;
  readonly version: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Tags that make pip choose exactly this file, whatever Python it runs on. */
  readonly pythonVersion: string;
  readonly abi: string;
  readonly platform: string;
  /** Folder name in the cache. */
  readonly folder: string;
  /** Members to unpack (path in the wheel -> file name in the folder) with their sizes in bytes. */
  readonly members: Readonly<Record<string, { readonly name: string; readonly bytes: number }>>;
}

export const CC_LIBRARY = 'libtensorflow_cc.so.2';
export const FRAMEWORK_LIBRARY = 'libtensorflow_framework.so.2';

export const CPU_WHEEL: PinnedWheel = {
  requirement: 'tensorflow-cpu==2.21.0',
  version: '2.21.0',
  file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  bytes: 273_829_956,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  pythonVersion: '3.11',
  abi: 'cp311',
  platform: 'manylinux_2_27_x86_64',
  folder: 'tensorflow-cpu-2.21.0',
  members: {
    'tensorflow/libtensorflow_cc.so.2': { name: CC_LIBRARY, bytes: 788_086_608 },
    'tensorflow/libtensorflow_framework.so.2': { name: FRAMEWORK_LIBRARY, bytes: 65_222_328 },
    'tensorflow/include/LICENSE': { name: 'LICENSE', bytes: 11_361 },
    'tensorflow/THIRD_PARTY_NOTICES.txt': { name: 'THIRD_PARTY_NOTICES.txt', bytes: 466_978 },
  },
};
