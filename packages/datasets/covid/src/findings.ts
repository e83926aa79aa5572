import { shown, suggestion } from '@multichexnet/core';

export const noFinding = 'No Finding';
/** What stands in the table until somebody has looked: nothing is known of such an image. */
const undecided: ReadonlySet<string> = new Set(['', 'todo', 'Unknown']);

/** Parts of finding paths (`Pneumonia/Viral/COVID-19`), and the flat names of the earlier tables. */
export const vocabulary: readonly string[] = [
  'COVID-19',
  'Pneumonia',
  'Viral',
  'Bacterial',
  'Fungal',
  'ARDS',
  'SARS',
  'MERS-CoV',
  'Influenza',
  'H1N1',
  'Varicella',
  'Herpes',
  'Streptococcus',
  'Klebsiella',
  'Legionella',
  'Mycoplasma',
  'Chlamydophila',
  'E.Coli',
  'Nocardia',
  'Staphylococcus',
  'MRSA',
  'Pneumocystis',
  'Aspergillosis',
  'Lipoid',
  'Aspiration',
  'Tuberculosis',
];

/** Names of earlier tables that say several things at once. */
const compounds: ReadonlyMap<string, readonly string[]> = new Map([
  ['Mycoplasma Bacterial Pneumonia', ['Mycoplasma', 'Bacterial', 'Pneumonia']],
  ['Herpes pneumonia', ['Herpes', 'Pneumonia']],
  ['MERS', ['MERS-CoV']],
]);

export type ParsedFinding =
  | { readonly kind: 'known'; readonly findings: Readonly<Record<string, boolean>> }
  | { readonly kind: 'undecided' }
  | { readonly kind: 'wrong'; readonly code: string; readonly message: string };

/**
 * What a `finding` cell says: one path or flat name, or several joined by ", ". COVID-19 is known of every decided row, whatever else is; `No Finding`
 * rules out pneumonia too; every other finding is known where it is stated.
 */
export function parseFinding(text: string): ParsedFinding {
  if (undecided.has(text)) return { kind: 'undecided' };
  const stated = new Set<string>();
  for (const name of text.split(',').map((part) => part.trim())) {
    for (const part of compounds.get(name) ?? name.split('/')) {
      if (part !== noFinding && !vocabulary.includes(part)) {
        const message = `finding ${shown(part)}; ${suggestion(part, [...vocabulary, noFinding])}`;
        return { kind: 'wrong', code: 'LABEL_UNKNOWN', message };
      }
      stated.add(part);
    }
  }
  if (stated.delete(noFinding)) {
    if (stated.size > 0)
      return { kind: 'wrong', code: 'LABEL_CONTRADICTION', message: `${shown(text)} says No Finding and a finding` };
    return { kind: 'known', findings: { 'COVID-19': false, Pneumonia: false } };
  }
  const others = [...stated].filter((name) => name !== 'COVID-19').map((name) => [name, true] as const);
  return { kind: 'known', findings: { 'COVID-19': stated.has('COVID-19'), ...Object.fromEntries(others) } };
}
