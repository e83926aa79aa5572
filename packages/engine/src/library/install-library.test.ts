import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installPinned, type InstallProgress } from './install-library.js';
import type { PinnedLibrary, PinnedWheel } from './pinned-wheel.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-install-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const contents = {
  'tensorflow/lib.so': Buffer.alloc(300_000, 'tensor'),
  'tensorflow/LICENSE': Buffer.from('Apache'),
  'other/file': Buffer.from('not wanted'),
};
const wheelBytes = zip(contents);
const wheel: PinnedWheel = {
  requirement: 'thing==1.0',
  file: 'thing-1.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  bytes: wheelBytes.length,
  sha256: createHash('sha256').update(wheelBytes).digest('hex'),
  pythonVersion: '3.11',
  abi: 'cp311',
  platform: 'manylinux_2_27_x86_64',
  members: {
    'tensorflow/lib.so': { name: 'lib.so', bytes: 300_000 },
    'tensorflow/LICENSE': { name: 'LICENSE', bytes: 6 },
  },
};

const only = (...wheels: PinnedWheel[]): PinnedLibrary => ({
  version: '1.0',
  folder: 'thing-1.0',
  libraries: '',
  wheels,
});
const library = only(wheel);

/** A `python3` that answers `-m pip --version` and does `download` as the script says; its arguments are in `calls`. */
function python(download: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(folder, 'the.whl'), wheelBytes);
  const script = `#!/bin/sh
if [ "$3" = --version ]; then echo pip 99; exit 0; fi
echo "$@" >> '${join(folder, 'calls')}'
while [ "$#" -gt 1 ]; do if [ "$1" = --dest ]; then dest="$2"; fi; shift; done
${download}
`;
  writeFileSync(join(bin, 'python3'), script);
  chmodSync(join(bin, 'python3'), 0o755);
  return { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'cache') };
}

const good = () => python(`cp '${join(folder, 'the.whl')}' "$dest/${wheel.file}"`);
const cached = () =>
  existsSync(join(folder, 'cache/multichexnet')) ? readdirSync(join(folder, 'cache/multichexnet')) : [];

test('fetches, checks and unpacks the pinned members, with progress; a second time there is nothing to do', async () => {
  const env = good();
  const progress: InstallProgress[] = [];
  const location = await installPinned(library, { env, onProgress: (step) => progress.push(step) });
  expect(location).toEqual({ directory: join(folder, 'cache/multichexnet/thing-1.0'), source: 'cache' });
  expect(readdirSync(location.directory).sort()).toEqual(['LICENSE', 'lib.so']);
  expect(readFileSync(join(location.directory, 'lib.so'))).toEqual(contents['tensorflow/lib.so']);
  expect(cached()).toEqual(['thing-1.0']);
  for (const stage of ['download', 'verify', 'unpack'] as const) {
    const last = progress.filter((step) => step.stage === stage).at(-1)!;
    expect(last.done).toBe(last.total);
  }
  const args = readFileSync(join(folder, 'calls'), 'utf8');
  for (const part of [
    '--no-deps',
    '--only-binary=:all:',
    '--python-version 3.11',
    '--platform manylinux_2_27_x86_64',
    'thing==1.0',
  ])
    expect(args).toContain(part);
  await installPinned(library, { env });
  expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe(args);
});

test('several wheels make one library; TensorFlow lies in its own folder of it', async () => {
  const script = `for last; do true; done; case "$last" in thing==1.0) cp '${join(folder, 'the.whl')}' "$dest/${wheel.file}";; *) cp '${join(folder, 'the.whl')}' "$dest/other.whl";; esac`;
  const env = python(script);
  const other: PinnedWheel = {
    ...wheel,
    requirement: 'other==2.0',
    file: 'other.whl',
    members: { 'other/file': { name: 'nvidia/other/lib/file', bytes: contents['other/file'].length } },
  };
  const moved = { ...wheel, members: { 'tensorflow/lib.so': { name: 'tensorflow/lib.so', bytes: 300_000 } } };
  const progress: InstallProgress[] = [];
  const { directory } = await installPinned(
    { ...only(moved, other), libraries: 'tensorflow' },
    { env, onProgress: (step) => progress.push(step) },
  );
  expect(directory).toBe(join(folder, 'cache/multichexnet/thing-1.0/tensorflow'));
  expect(readdirSync(directory)).toEqual(['lib.so']);
  expect(readFileSync(join(directory, '../nvidia/other/lib/file'), 'utf8')).toBe('not wanted');
  expect([
    ...new Set(progress.map(({ wheel: { requirement, index, count } }) => `${requirement} ${index + 1}/${count}`)),
  ]).toEqual(['thing==1.0 1/2', 'other==2.0 2/2']);
});

test('two at once both succeed and leave one whole library', async () => {
  const env = good();
  const [first, second] = await Promise.all([installPinned(library, { env }), installPinned(library, { env })]);
  expect(first).toEqual(second);
  expect(cached()).toEqual(['thing-1.0']);
});

test('a half library of an earlier day is replaced', async () => {
  const env = good();
  mkdirSync(join(folder, 'cache/multichexnet/thing-1.0'), { recursive: true });
  writeFileSync(join(folder, 'cache/multichexnet/thing-1.0/lib.so'), 'half');
  const { directory } = await installPinned(library, { env });
  expect(readFileSync(join(directory, 'lib.so')).length).toBe(300_000);
  expect(cached()).toEqual(['thing-1.0']);
});

test('a cache that cannot be written is a coded error', async () => {
  const env = good();
  writeFileSync(join(folder, 'file'), '');
  await expect(installPinned(library, { env: { ...env, XDG_CACHE_HOME: join(folder, 'file') } })).rejects.toMatchObject(
    {
      code: 'ENGINE_DOWNLOAD_FAILED',
    },
  );
});

test('without Python the error names both ways', async () => {
  const env = { PATH: folder, XDG_CACHE_HOME: join(folder, 'cache') };
  await expect(installPinned(library, { env })).rejects.toMatchObject({
    code: 'ENGINE_PYTHON_MISSING',
    message: expect.stringMatching(/install Python 3 with pip.*MULTICHEXNET_TENSORFLOW/s) as string,
  });
});

test('a failed download gives what pip said', async () => {
  const env = python('echo "ERROR: No matching distribution found" >&2; exit 1');
  await expect(installPinned(library, { env })).rejects.toMatchObject({
    code: 'ENGINE_DOWNLOAD_FAILED',
    message: expect.stringContaining('No matching distribution found') as string,
  });
  await expect(installPinned(library, { env: python('true') })).rejects.toMatchObject({
    code: 'ENGINE_DOWNLOAD_FAILED',
  });
  expect(cached()).toEqual([]);
});

test('a file that is not the pinned one is refused and not kept', async () => {
  const env = python(`echo something else > "$dest/${wheel.file}"`);
  await expect(installPinned(library, { env })).rejects.toMatchObject({ code: 'ENGINE_CHECKSUM' });
  expect(cached()).toEqual([]);
  const lacking = { ...wheel, members: { ...wheel.members, 'tensorflow/none': { name: 'none', bytes: 1 } } };
  await expect(installPinned(only(lacking), { env: good() })).rejects.toMatchObject({ code: 'ENGINE_CHECKSUM' });
  const resized = { ...wheel, members: { 'tensorflow/LICENSE': { name: 'LICENSE', bytes: 7 } } };
  await expect(installPinned(only(resized), { env: good() })).rejects.toMatchObject({ code: 'ENGINE_CHECKSUM' });
  expect(cached()).toEqual([]);
});

/** A zip file with deflated members (the format's local headers, central directory and end record). */
function zip(files: Record<string, Buffer>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of Object.entries(files)) {
    const packed = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const header = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name)]));
    local.push(header);
    offset += header.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(central.length, 4);
  end.writeUInt16LE(central.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06'), end]);
}
