import { findingName, NO_FINDING, parseSplit, type ImageRecord } from './image-record.js';

/**
 * Images whose folder is their class, `[split/]class/.../name`: the class is there, the other classes are not, and of a negative class none is. Images outside
 * any folder have no label. Folders are splits when all of the first level are.
 */
export function readClasses(
  files: readonly string[],
  negatives: readonly string[],
  harmonised: boolean,
): readonly ImageRecord[] {
  const first = new Set(files.flatMap((file) => (file.includes('/') ? [file.slice(0, file.indexOf('/'))] : [])));
  const divided = first.size > 0 && [...first].every((name) => parseSplit(name) !== undefined);
  const negative = new Set([NO_FINDING, ...negatives].map((word) => word.toLowerCase()));
  const classOf = (file: string): string | undefined => {
    const folders = file.split('/').slice(divided ? 1 : 0, -1);
    return folders[0];
  };
  const nameOf = (word: string): string =>
    negative.has(word.toLowerCase()) ? NO_FINDING : findingName(word, harmonised);
  const classes = new Set(files.flatMap((file) => classOf(file) ?? []).map(nameOf));
  classes.delete(NO_FINDING);
  return files.map((id) => {
    const word = classOf(id);
    const split = divided ? parseSplit(id.slice(0, id.indexOf('/'))) : undefined;
    const own = word === undefined ? undefined : nameOf(word);
    return {
      id,
      file: id,
      findings: own === undefined ? {} : Object.fromEntries([...classes].map((name) => [name, name === own])),
      words: word === undefined ? [] : [word],
      usable: true,
      ...(split === undefined ? {} : { split }),
    };
  });
}
