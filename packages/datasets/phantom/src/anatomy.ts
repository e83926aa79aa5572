// The thorax as numbers: what is fixed for a patient, and what changes from film to film.
import { seededRandom, type Random } from './random.js';

export type PhantomSex = 'F' | 'M';
export type PhantomView = 'PA' | 'AP' | 'L';

/** Lengths are in the anatomy frame: the film is about 1 x 1, u runs left to right from the midline, v from top (0) to bottom (1). */
export interface Anatomy {
  /** Half width of the rib cage, inside. */
  readonly halfWidth: number;
  readonly apex: number;
  /** Height of the top of each diaphragm dome, image left and image right. */
  readonly diaphragm: readonly [number, number];
  /** How far the costophrenic angle lies below the top of the dome. */
  readonly domeDrop: number;
  readonly heartRadius: number;
  readonly heartCentre: number;
  readonly aortaRadius: number;
  readonly ribSpacing: number;
  readonly ribPhase: number;
  readonly ribSlope: number;
  /** 1 in the young, about 0.35 in the very old: contrast of bone. */
  readonly boneDensity: number;
  /** 0 below about 45 years, 1 from about 85 on: calcified aortic arch. */
  readonly calcification: number;
  readonly vesselSeed: number;
  readonly breast: number;
  readonly softTissue: number;
}

/** The same for every film of a patient. `ageYears` sets bone density, the aorta and the arch's calcium. */
export function patientAnatomy(patientSeed: number, sex: PhantomSex, ageYears: number): Anatomy {
  const random = seededRandom(patientSeed, 'anatomy');
  const old = Math.max(0, Math.min(1, (ageYears - 20) / 65));
  return {
    halfWidth: random.between(0.345, 0.405) - (sex === 'F' ? 0.01 : 0),
    apex: random.between(0.1, 0.15),
    diaphragm: [random.between(0.69, 0.79), random.between(0.7, 0.8)],
    domeDrop: random.between(0.065, 0.1),
    heartRadius: random.between(0.105, 0.14),
    heartCentre: random.between(0.03, 0.07),
    aortaRadius: random.between(0.028, 0.034) + 0.012 * old,
    ribSpacing: random.between(0.07, 0.086),
    ribPhase: random.between(0, 1),
    ribSlope: random.between(0.25, 0.5) - 0.08 * old,
    boneDensity: 1.15 - 0.8 * old + 0.06 * random.normal(),
    calcification: Math.max(0, Math.min(1, (ageYears - 45) / 40)),
    vesselSeed: random.seed(),
    breast: sex === 'F' ? random.between(0.04, 0.1) : 0,
    softTissue: random.between(0.55, 0.66),
  };
}

/** How one film lies and how deep the breath was. */
export interface FilmPose {
  readonly scale: number;
  /** Radians. */
  readonly rotation: number;
  readonly shiftX: number;
  readonly shiftY: number;
  /** Added to the height of each diaphragm: breath, and the side's own mood. */
  readonly breath: readonly [number, number];
}

export function filmPose(random: Random): FilmPose {
  const breath = random.between(-0.03, 0.04);
  return {
    scale: random.between(0.9, 1.12),
    rotation: 0.05 * random.normal(),
    shiftX: random.between(-0.05, 0.05),
    shiftY: random.between(-0.05, 0.05),
    breath: [breath + 0.03 * random.normal(), breath + 0.03 * random.normal()],
  };
}
