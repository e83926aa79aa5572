import { drawPhantom, type PhantomImage } from './draw-phantom.js';
import type { PlannedFilm } from './plan-cohort.js';

/** The picture of a planned film at `size` x `size`. */
export function drawFilm(film: PlannedFilm, size: number): PhantomImage {
  return drawPhantom({
    size,
    patientSeed: film.person.seed,
    imageSeed: film.imageSeed,
    sex: film.person.sex,
    ageYears: film.ageYears,
    view: film.view,
    findings: film.findings,
  });
}
