/** The 14 findings of ChestX-ray14, in its usual order. Every one of them can be drawn. */
export const PHANTOM_FINDINGS = [
  'Atelectasis',
  'Cardiomegaly',
  'Effusion',
  'Infiltration',
  'Mass',
  'Nodule',
  'Pneumonia',
  'Pneumothorax',
  'Consolidation',
  'Edema',
  'Emphysema',
  'Fibrosis',
  'Pleural_Thickening',
  'Hernia',
] as const;

export type ChestFinding = (typeof PHANTOM_FINDINGS)[number];

/** What `drawPhantom` can draw: the 14 findings, and COVID-19 as the `covid` layout has it. */
export type PhantomFinding = ChestFinding | 'COVID-19';

/** Findings that cannot be told from pneumonia by a box: an image that has one of them never serves as an RSNA negative. */
export const OPACITY_FINDINGS: readonly PhantomFinding[] = [
  'Pneumonia',
  'Consolidation',
  'Infiltration',
  'Edema',
  'Atelectasis',
  'COVID-19',
];
