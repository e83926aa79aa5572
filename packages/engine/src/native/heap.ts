import { koffi } from './koffi.js';

/** glibc's malloc.h */
const M_ARENA_MAX = -8;

/**
 * One malloc arena for all threads, as `MALLOC_ARENA_MAX=1` in the environment would set: TensorFlow's threads free each other's tensors, and arenas of
 * their own keep tens of megabytes each for nothing (docs/adr/0005). The environment's own setting is respected. To be called before TensorFlow is loaded.
 */
export function shareOneHeap(): void {
  if (process.env['MALLOC_ARENA_MAX'] !== undefined) return;
  const mallopt = koffi().load(null).func('mallopt', 'int', ['int', 'int']) as (
    parameter: number,
    value: number,
  ) => 0 | 1;
  mallopt(M_ARENA_MAX, 1);
}

let trim: ((pad: number) => 0 | 1) | undefined;

/** Gives free pages back to the system, those between live blocks included; some ten milliseconds. */
export function trimHeap(): void {
  trim ??= koffi().load(null).func('malloc_trim', 'int', ['size_t']) as (pad: number) => 0 | 1;
  trim(0);
}
