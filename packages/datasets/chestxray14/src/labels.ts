/** The 14 findings of ChestX-ray14, by the data set's own names. */
export const findings: readonly string[] = [
  'Atelectasis',
  'Cardiomegaly',
  'Consolidation',
  'Edema',
  'Effusion',
  'Emphysema',
  'Fibrosis',
  'Hernia',
  'Infiltration',
  'Mass',
  'Nodule',
  'Pleural_Thickening',
  'Pneumonia',
  'Pneumothorax',
];

export const noFinding = 'No Finding';
/** What `Finding Labels` may hold, joined by `|`. */
export const words: readonly string[] = [...findings, noFinding];
/** The box table's word for Infiltration. */
export const boxAliases: ReadonlyMap<string, string> = new Map([['Infiltrate', 'Infiltration']]);
