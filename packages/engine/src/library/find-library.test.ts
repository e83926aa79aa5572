import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertPlatform, cacheFolder, findLibrary } from './find-library.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-find-'));
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) writeFileSync(join(folder, name), 'x');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('an explicit path wins over the environment, the environment over the cache', () => {
  expect(findLibrary({ path: folder, env: { MULTICHEXNET_TENSORFLOW: '/nowhere' } })).toEqual({
    directory: folder,
    source: 'option',
  });
  expect(findLibrary({ env: { MULTICHEXNET_TENSORFLOW: folder } })).toEqual({
    directory: folder,
    source: 'environment',
  });
  expect(findLibrary({ path: join(folder, 'libtensorflow_cc.so.2'), env: {} }).directory).toBe(folder);
});

test('a path without the library is an error that names it; the cache is not tried instead', () => {
  for (const options of [{ path: '/nowhere' }, { env: { MULTICHEXNET_TENSORFLOW: '/nowhere' } }]) {
    expect(() => findLibrary(options)).toThrow(
      expect.objectContaining({
        code: 'ENGINE_LIBRARY_MISSING',
        message: expect.stringContaining('/nowhere') as string,
      }),
    );
  }
});

test('an empty cache is an error that names both ways to fill it; a half-filled one as well', () => {
  const error: unknown = expect.objectContaining({
    code: 'ENGINE_LIBRARY_MISSING',
    message: expect.stringMatching(/multichexnet setup.*MULTICHEXNET_TENSORFLOW/s) as string,
  });
  expect(() => findLibrary({ env: { XDG_CACHE_HOME: folder } })).toThrow(error);
});

test('the cache is where XDG says, else in the home folder', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/cache', HOME: '/home/a' })).toBe('/cache/multichexnet/tensorflow-cpu-2.21.0');
  expect(cacheFolder({ HOME: '/home/a' })).toBe('/home/a/.cache/multichexnet/tensorflow-cpu-2.21.0');
});

test('the CUDA build has a folder of its own, and its own remedy', () => {
  const missing = () => findLibrary({ device: 'gpu', env: { XDG_CACHE_HOME: folder } });
  expect(missing).toThrow(/tensorflow-gpu-2\.21\.0.*multichexnet setup --gpu/s);
});

test('any platform but linux-x64 is refused by name', () => {
  expect(() => assertPlatform('linux', 'x64')).not.toThrow();
  for (const [platform, arch] of [
    ['darwin', 'arm64'],
    ['linux', 'arm64'],
    ['win32', 'x64'],
  ] as const) {
    expect(() => assertPlatform(platform, arch)).toThrow(
      expect.objectContaining({
        code: 'ENGINE_PLATFORM_UNSUPPORTED',
        message: expect.stringContaining(`${platform}-${arch}`) as string,
      }),
    );
  }
});
