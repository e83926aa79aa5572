/** One finding and the words that public datasets have for it. */
export interface VocabularyEntry {
  /** The name here: ChestX-ray14's where it has one. */
  readonly name: string;
  readonly synonyms: readonly string[];
}

/**
 * Findings under one name in every dataset, with the words of ChestX-ray14 (its lists and its box table), CheXpert and MIMIC-CXR, PadChest, VinDr-CXR, RSNA, SIIM-ACR
 * and the COVID-19 image data collection. Only words that mean the same: Lung Opacity is no Pneumonia, Pleural Other no Pleural_Thickening. Plain data.
 */
export const vocabulary: readonly VocabularyEntry[] = [
  { name: 'Atelectasis', synonyms: ['Atelectases'] },
  { name: 'Cardiomegaly', synonyms: [] },
  { name: 'Consolidation', synonyms: [] },
  { name: 'COVID-19', synonyms: ['COVID', 'COVID19', 'SARS-CoV-2'] },
  { name: 'Edema', synonyms: ['Oedema', 'Pulmonary Edema', 'Pulmonary Oedema'] },
  { name: 'Effusion', synonyms: ['Pleural Effusion'] },
  { name: 'Emphysema', synonyms: [] },
  { name: 'Enlarged Cardiomediastinum', synonyms: [] },
  { name: 'Fibrosis', synonyms: ['Pulmonary Fibrosis'] },
  { name: 'Fracture', synonyms: ['Fractures'] },
  { name: 'Hernia', synonyms: ['Hiatal Hernia'] },
  { name: 'Infiltration', synonyms: ['Infiltrate', 'Infiltrates'] },
  { name: 'Lung Lesion', synonyms: [] },
  { name: 'Lung Opacity', synonyms: ['Airspace Opacity', 'Lung Opacities'] },
  { name: 'Mass', synonyms: ['Lung Mass'] },
  { name: 'No Finding', synonyms: ['No Findings', 'Normal', 'Healthy', 'Negative'] },
  { name: 'Nodule', synonyms: ['Lung Nodule', 'Pulmonary Nodule'] },
  { name: 'Pleural_Thickening', synonyms: ['Pleural Thickening'] },
  { name: 'Pneumonia', synonyms: ['Pneumonias'] },
  { name: 'Pneumothorax', synonyms: ['Pneumothoraces'] },
  { name: 'Support Devices', synonyms: [] },
  { name: 'Tuberculosis', synonyms: ['TB'] },
];

const names: ReadonlyMap<string, string> = new Map(
  vocabulary.flatMap(({ name, synonyms }) => [name, ...synonyms].map((word) => [folded(word), name] as const)),
);

/** The one name of a finding; a word that the vocabulary lacks stays as it is. Case, spaces, `_` and `-` make no difference. */
export function harmonise(word: string): string {
  return names.get(folded(word)) ?? word.trim();
}

function folded(word: string): string {
  return word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');
}
