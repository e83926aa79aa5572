import { filmPose, patientAnatomy, type PhantomSex, type PhantomView } from './anatomy.js';
import type { Chest } from './chest-maps.js';
import { drawChest } from './chest.js';
import {
  drawConsolidation,
  drawCovid,
  drawEffusion,
  drawMass,
  drawNodules,
  drawPneumonia,
  drawSoftShadows,
} from './draw-airspace.js';
import { drawAtelectasis, drawEdema, drawEmphysema, drawFibrosis, drawInfiltration } from './draw-interstitial.js';
import { drawDoubleContour, drawHernia, drawPleuralThickening, drawPneumothorax } from './draw-pleural.js';
import { exposeFilm } from './expose.js';
import type { PixelBox } from './film.js';
import type { PhantomFinding } from './findings.js';
import { seededRandom, type Random } from './random.js';

export interface PhantomSpec {
  /** Pixels a side, at least 32. */
  readonly size: number;
  /** Anatomy: films with the same patient seed show the same person. */
  readonly patientSeed: number;
  /** Pose, exposure, noise, and where the findings lie. */
  readonly imageSeed: number;
  readonly sex: PhantomSex;
  readonly ageYears: number;
  readonly view: PhantomView;
  readonly findings: readonly PhantomFinding[];
}

export interface PhantomBox extends PixelBox {
  readonly finding: PhantomFinding;
}

export interface PhantomImage {
  /** Grey values, 0 black to 255 white; [size * size], row-major. */
  readonly pixels: Uint8Array;
  /** In pixels, x and y the top left corner: around every pneumonia opacity, mass and nodule, the free air and a large heart. */
  readonly boxes: readonly PhantomBox[];
  /** 1 where free air lies in a pneumothorax, else 0; [size * size], row-major. */
  readonly mask: Uint8Array;
  readonly findings: readonly PhantomFinding[];
}

/**
 * Draws one chest-like film. Pure: the same spec gives the same pixels.
 *
 * @throws RangeError when `size` is not a whole number of at least 32.
 */
export function drawPhantom(spec: PhantomSpec): PhantomImage {
  if (!Number.isInteger(spec.size) || spec.size < 32) {
    throw new RangeError(`drawPhantom: size must be a whole number of at least 32, got ${spec.size}`);
  }
  const random = seededRandom(spec.imageSeed, 'film');
  const anatomy = patientAnatomy(spec.patientSeed, spec.sex, spec.ageYears);
  const has = (finding: PhantomFinding): boolean => spec.findings.includes(finding);
  const changes = {
    heart: has('Cardiomegaly') ? random.between(1.12, 1.34) : random.between(0.9, 1.22),
    dome: has('Emphysema') ? 0.6 : 1,
    vessels: has('Emphysema') ? 0.6 : 1,
  };
  const chest = drawChest(spec.size, anatomy, filmPose(random), spec.view, changes, random);
  const mask = has('Pneumothorax') ? drawPneumothorax(chest, random) : new Uint8Array(spec.size * spec.size);
  if (!spec.findings.some((finding) => DENSE.includes(finding))) drawSoftShadows(chest, random);
  const boxes = drawFindings(chest, has, random);
  return {
    pixels: exposeFilm(chest, random),
    boxes,
    mask,
    findings: [...spec.findings],
  };
}

/** Findings that brighten a part of a lung as a whole. */
const DENSE: readonly PhantomFinding[] = ['Pneumonia', 'Consolidation', 'Mass', 'Infiltration'];

/** Large findings first, so that small ones find a free place. */
function drawFindings(chest: Chest, has: (finding: PhantomFinding) => boolean, random: Random): PhantomBox[] {
  const boxes: PhantomBox[] = [];
  const draw = (finding: PhantomFinding, how: (chest: Chest, random: Random) => readonly PixelBox[] | void): void => {
    if (has(finding)) for (const box of how(chest, random) ?? []) boxes.push({ finding, ...box });
  };
  draw('Pleural_Thickening', drawPleuralThickening);
  draw('Effusion', drawEffusion);
  draw('Cardiomegaly', drawDoubleContour);
  draw('Hernia', drawHernia);
  draw('Infiltration', drawInfiltration);
  draw('Fibrosis', drawFibrosis);
  draw('Pneumonia', drawPneumonia);
  draw('Consolidation', drawConsolidation);
  draw('COVID-19', drawCovid);
  draw('Edema', drawEdema);
  draw('Atelectasis', drawAtelectasis);
  draw('Mass', drawMass);
  draw('Emphysema', drawEmphysema);
  draw('Nodule', drawNodules);
  return boxes;
}
