/** One PyPI wheel that is fetched, of which some members are kept. */
export interface PinnedWheel {
  /** PyPI distribution and version, as pip takes it. */
  readonly requirement: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Tags that make pip choose exactly this file, whatever Python it runs on. */
  readonly pythonVersion: string;
  readonly abi: string;
  readonly platform: string;
  /** Members to unpack (path in the wheel -> path in the library's folder) with their sizes in bytes. */
  readonly members: Readonly<Record<string, { readonly name: string; readonly bytes: number }>>;
}

/** One TensorFlow build as it lies in the cache. */
export interface PinnedLibrary {
  readonly version: string;
  /** Folder name in the cache. */
  readonly folder: string;
  /** Where in it the two libraries of TensorFlow lie. */
  readonly libraries: string;
  readonly wheels: readonly PinnedWheel[];
}

export const CC_LIBRARY = 'libtensorflow_cc.so.2';
export const FRAMEWORK_LIBRARY = 'libtensorflow_framework.so.2';

/** The members of a TensorFlow wheel that are kept, below `folder`. */
export function tensorflowMembers(ccBytes: number, frameworkBytes: number, folder = ''): PinnedWheel['members'] {
  return {
    'tensorflow/libtensorflow_cc.so.2': { name: `${folder}${CC_LIBRARY}`, bytes: ccBytes },
    'tensorflow/libtensorflow_framework.so.2': { name: `${folder}${FRAMEWORK_LIBRARY}`, bytes: frameworkBytes },
    'tensorflow/include/LICENSE': { name: `${folder}LICENSE`, bytes: 11_361 },
    'tensorflow/THIRD_PARTY_NOTICES.txt': { name: `${folder}THIRD_PARTY_NOTICES.txt`, bytes: 466_978 },
  };
}

export const CPU_LIBRARY: PinnedLibrary = {
  version: '2.21.0',
  folder: 'tensorflow-cpu-2.21.0',
  libraries: '',
  wheels: [
    {
      requirement: 'tensorflow-cpu==2.21.0',
      file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      bytes: 273_829_956,
      sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
      pythonVersion: '3.11',
      abi: 'cp311',
      platform: 'manylinux_2_27_x86_64',
      members: tensorflowMembers(788_086_608, 65_222_328),
    },
  ],
};
