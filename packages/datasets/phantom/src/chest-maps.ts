import type { Anatomy } from './anatomy.js';
import type { Film } from './film.js';

/** A chest on film, and the maps that findings are placed by. */
export interface Chest extends Film {
  /** Which half: -1 image left, 1 image right. */
  readonly side: Int8Array;
  /** 1 in the lung fields, 0 outside, soft between; [size * size]. */
  readonly lung: Float32Array;
  /** `lung` without what lies over heart and mediastinum. */
  readonly air: Float32Array;
  /** Distance inwards from the inner chest wall; negative outside. */
  readonly wall: Float32Array;
  /** Distance upwards from the diaphragm; negative below it. */
  readonly aboveBase: Float32Array;
  /** The density without vessels, grain and findings: what is seen where there is air but no lung. */
  readonly bare: Float32Array;
  /** 1 where nothing may be drawn, since free air lies there. */
  blocked: Uint8Array;
  /** The side of the free air, 0 when there is none. */
  freeSide: number;
  /** Places taken by findings, so that the next one goes elsewhere. */
  readonly taken: { u: number; v: number; radius: number }[];
  readonly anatomy: Anatomy;
  readonly base: readonly [number, number];
  readonly heart: { readonly u: number; readonly v: number; readonly radiusU: number; readonly radiusV: number };
}
