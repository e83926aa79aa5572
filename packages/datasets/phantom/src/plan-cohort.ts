// Who is filmed in which dataset, and what each film shows: the whole tree as data, before a pixel is drawn.
import type { PhantomSex, PhantomView } from './anatomy.js';
import { OPACITY_FINDINGS, PHANTOM_FINDINGS, type ChestFinding, type PhantomFinding } from './findings.js';
import { deriveSeed, seededRandom, type Random } from './random.js';

export type PhantomDataset = 'chestxray14' | 'rsna' | 'siim' | 'covid';

export interface Person {
  /** Unique over all datasets; `phantom:<number>` in patient_map.csv. */
  readonly number: number;
  readonly seed: number;
  readonly sex: PhantomSex;
  /** Age at the first film. */
  readonly ageYears: number;
}

export interface PlannedFilm {
  readonly person: Person;
  readonly ageYears: number;
  readonly view: PhantomView;
  readonly imageSeed: number;
  /** 0 for a person's first film in this dataset. */
  readonly followUp: number;
  readonly findings: readonly PhantomFinding[];
}

export interface Cohort {
  readonly films: Readonly<Record<PhantomDataset, readonly PlannedFilm[]>>;
  /** Numbers of the persons in chestxray14's test list. */
  readonly testPersons: ReadonlySet<number>;
}

/** Frontal films per dataset, so that the test part of each (a fifth of its patients) has more than 200. */
export const DEFAULT_COUNTS: Readonly<Record<PhantomDataset, number>> = {
  chestxray14: 1600,
  rsna: 1200,
  siim: 1200,
  covid: 1200,
};

/** Share of chestxray14's images in its test list, of RSNA and SIIM images that show a chestxray14 person, and of positives. */
const TEST_SHARE = 0.21;
const SHARED = 0.3;
const POSITIVE = { rsna: 0.5, siim: 0.5, covid: 0.45 };
const NO_FINDING = 0.32;

/** Relative frequency in chestxray14: near the real order, but the rare ones often enough to be learned from a thousand films. */
const WEIGHTS: Readonly<Record<ChestFinding, number>> = {
  Atelectasis: 1.15,
  Cardiomegaly: 1,
  Effusion: 1.15,
  Infiltration: 1.25,
  Mass: 1,
  Nodule: 1.05,
  Pneumonia: 1.1,
  Pneumothorax: 1.1,
  Consolidation: 1,
  Edema: 1,
  Emphysema: 1,
  Fibrosis: 1,
  Pleural_Thickening: 1,
  Hernia: 0.95,
};

/** The tree for a seed: `counts` frontal films per dataset. */
export function planCohort(seed: number, counts: Readonly<Record<PhantomDataset, number>>): Cohort {
  let persons = 0;
  const newPerson = (): Person => {
    persons += 1;
    const random = seededRandom(seed, 'person', persons);
    return {
      number: persons,
      seed: deriveSeed(seed, 'anatomy', persons),
      sex: random.chance(0.46) ? 'F' : 'M',
      ageYears: random.whole(20, 88),
    };
  };
  const random = seededRandom(seed, 'cohort');

  const nih = filmsOf(seed, 'chestxray14', counts.chestxray14, newPerson, random, nihFindings);
  const own = [...new Map(nih.map((film) => [film.person.number, film.person])).values()];
  const testPersons = new Set<number>();
  let testImages = 0;
  for (const person of random.shuffle(own)) {
    if (testImages >= TEST_SHARE * nih.length) break;
    testPersons.add(person.number);
    testImages += nih.filter((film) => film.person.number === person.number).length;
  }
  // Shared persons come from both lists in the lists' own proportion, so that they change no dataset's test share.
  const testPool = random.shuffle(own.filter((person) => testPersons.has(person.number)));
  const trainPool = random.shuffle(own.filter((person) => !testPersons.has(person.number)));
  let drawn = 0;
  const sharedPerson = (): Person => {
    const pool = Math.floor(drawn * 0.24) < Math.floor((drawn + 1) * 0.24) ? testPool : trainPool;
    drawn += 1;
    const person = pool[drawn % Math.max(1, pool.length)] ?? own[drawn % own.length];
    return person ?? newPerson();
  };

  const dense = (dataset: 'rsna' | 'siim', finding: ChestFinding): PlannedFilm[] => {
    const shared = Math.round(SHARED * counts[dataset]);
    const positive = Math.round(POSITIVE[dataset] * counts[dataset]);
    const others = PHANTOM_FINDINGS.filter(
      (f) => f !== finding && (dataset === 'siim' || !OPACITY_FINDINGS.includes(f)),
    );
    const withFinding = filmsOf(seed, `${dataset}+`, positive, newPerson, random, (r) => [
      finding,
      ...(r.chance(0.25) ? [r.pick(others.filter((f) => !OPACITY_FINDINGS.includes(f)))] : []),
    ]);
    const without = (r: Random): PhantomFinding[] => (r.chance(0.5) ? [] : pickSome(others, r.chance(0.3) ? 2 : 1, r));
    const fresh = filmsOf(seed, `${dataset}-`, counts[dataset] - positive - shared, newPerson, random, without);
    const known = filmsOf(seed, `${dataset}=`, shared, sharedPerson, random, without);
    return random.shuffle([...withFinding, ...fresh, ...known]);
  };
  const rsna = dense('rsna', 'Pneumonia');
  const siim = dense('siim', 'Pneumothorax');
  const covid = filmsOf(seed, 'covid', counts.covid, newPerson, random, covidFindings);
  return { films: { chestxray14: nih, rsna, siim, covid }, testPersons };
}

/** `count` films of persons with one to four films each (1.7 on average). */
function filmsOf(
  seed: number,
  stream: string,
  count: number,
  person: () => Person,
  random: Random,
  findings: (random: Random) => readonly PhantomFinding[],
): PlannedFilm[] {
  const films: PlannedFilm[] = [];
  while (films.length < count) {
    const one = person();
    const visits = random.pick([1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4]);
    let age = one.ageYears;
    for (let k = 0; k < visits && films.length < count; k++) {
      if (k > 0 && random.chance(0.3)) age += 1;
      films.push({
        person: one,
        ageYears: age,
        view: random.chance(0.6) ? 'PA' : 'AP',
        imageSeed: deriveSeed(seed, stream, films.length),
        followUp: k,
        findings: findings(random),
      });
    }
  }
  return films;
}

function nihFindings(random: Random): ChestFinding[] {
  if (random.chance(NO_FINDING)) return [];
  return pickSome(PHANTOM_FINDINGS, random.pick([1, 1, 1, 2, 2, 3]), random);
}

/** COVID-19, other pneumonia, or nothing. */
function covidFindings(random: Random): PhantomFinding[] {
  if (random.chance(POSITIVE.covid)) return ['COVID-19'];
  const other = random.between(0, 1);
  if (other < 0.4) return ['Pneumonia'];
  if (other < 0.55) return ['Consolidation'];
  if (other < 0.7) return ['Infiltration'];
  return [];
}

function pickSome<T extends PhantomFinding>(from: readonly T[], count: number, random: Random): T[] {
  const chosen: T[] = [];
  const left = [...from];
  while (chosen.length < count && left.length > 0) {
    const total = left.reduce((sum, finding) => sum + weightOf(finding), 0);
    let at = random.between(0, total);
    const index = left.findIndex((finding) => (at -= weightOf(finding)) < 0);
    chosen.push(...left.splice(Math.max(0, index), 1));
  }
  const order: readonly PhantomFinding[] = PHANTOM_FINDINGS;
  return chosen.sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

function weightOf(finding: PhantomFinding): number {
  return finding === 'COVID-19' ? 1 : WEIGHTS[finding];
}
