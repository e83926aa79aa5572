import type { OpenedDataset } from '../data/open-datasets.js';
import { MultichexnetError, ProblemsError } from '../errors.js';
import type { RunStore } from './run-store.js';

interface EarlierRun {
  readonly data?: Readonly<
    Record<string, { readonly content?: string; readonly counts?: { readonly images?: number } }>
  >;
}

/**
 * A run that goes on learns from the data that it began with. A change of `datasets.NAME` that is allowed lets a dataset through.
 * @throws ProblemsError with a DATA_CHANGED for every dataset that is another one now
 */
export async function assertSameData(
  store: RunStore,
  datasets: ReadonlyMap<string, OpenedDataset>,
  allowed: readonly string[],
): Promise<void> {
  const { data = {} } = (await store.readJson<EarlierRun>('run.json')) ?? {};
  const problems: MultichexnetError[] = [];
  for (const [name, { content, index }] of datasets) {
    const earlier = data[name];
    const path = `datasets.${name}`;
    if (earlier?.content === undefined || earlier.content === content) continue;
    if (allowed.some((change) => change === 'datasets' || change === path || change.startsWith(`${path}.`))) continue;
    const [then, now] = [earlier.counts?.images, index.counts.images];
    const counts = then === undefined || then === now ? `${now} images` : `${then} images then, ${now} now`;
    problems.push(
      new MultichexnetError(
        'DATA_CHANGED',
        `images, labels or patients of "${name}" are not those that the run began with (${counts}); put them back, choose another --out, or let it through by --allow-change ${path}`,
        { file: index.root, path },
      ),
    );
  }
  if (problems.length > 0) throw new ProblemsError(problems);
}
