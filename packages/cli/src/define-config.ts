import type { TrainConfig, UserConfig, UserTurn } from '@multichexnet/core';
import type { chestXray14Dataset } from '@multichexnet/dataset-chestxray14';
import type { covidDataset } from '@multichexnet/dataset-covid';
import type { csvDataset, folderDataset } from '@multichexnet/dataset-folder';
import type { rsnaDataset } from '@multichexnet/dataset-rsna';
import type { siimDataset } from '@multichexnet/dataset-siim';
import type { densenet } from '@multichexnet/encoder-densenet';
import type { cls } from '@multichexnet/head-cls';
import type { det } from '@multichexnet/head-det';
import type { seg } from '@multichexnet/head-seg';
import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/** Options as a user writes them: what has a default may be left out. */
type Written<P extends { readonly options: object }> = P['options'] extends infer S extends JSONSchema
  ? FromSchema<S, { keepDefaultedPropertiesOptional: true }>
  : never;

interface KnownHeads {
  cls: Written<typeof cls>;
  det: Written<typeof det>;
  seg: Written<typeof seg>;
}
interface KnownEncoders {
  densenet: Written<typeof densenet>;
}
interface KnownDatasets {
  chestxray14: Written<typeof chestXray14Dataset>;
  rsna: Written<typeof rsnaDataset>;
  siim: Written<typeof siimDataset>;
  covid: Written<typeof covidDataset>;
  csv: Written<typeof csvDataset>;
  folder: Written<typeof folderDataset>;
}

/** A choice of a known kind, or of another's, whose options the command checks when it has loaded the plugin. */
type ChoiceOf<Known> = { [K in keyof Known]: { readonly kind: K } & Known[K] }[keyof Known] | OpenChoice;
interface OpenChoice {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** Keys that a known kind does not have become `never`, so that a typo is an error in the editor. */
type Strict<C, Known, Extra extends string = never> = C extends { readonly kind: infer K extends keyof Known }
  ? Known[K] & { readonly [X in Exclude<keyof C, keyof Known[K] | 'kind' | Extra>]: never }
  : unknown;

/** What any plugin object has; the registry checks the rest. (Its full type would make TypeScript instantiate every schema there can be.) */
export interface PluginObject {
  readonly kind: string;
  readonly apiVersion: 1;
  readonly options: object;
}

export type ConfigPlugin = string | PluginObject;
type PluginEntry = ConfigPlugin | false | undefined | readonly ConfigPlugin[];

/** The kinds of the plugin objects that this very config names, with their options; a kind typed as `string` says nothing. */
type KindsOf<P extends readonly unknown[]> = {
  [X in Extract<P[number], PluginObject> as string extends X['kind'] ? never : X['kind']]: Written<X>;
};

/** {@link UserConfig} with the names and kinds that this very config has. */
export interface ConfigInput<
  D extends Record<string, ChoiceOf<KnownDatasets>>,
  E extends ChoiceOf<KnownEncoders>,
  H extends Record<string, OpenChoice>,
  P extends readonly PluginEntry[] = readonly PluginEntry[],
> extends Omit<UserConfig, 'plugins' | 'datasets' | 'model' | 'train'> {
  /** Plugins of others: imported, or named by package or relative path. */
  readonly plugins?: P;
  /** Name -> adapter with its root. */
  readonly datasets: {
    readonly [N in keyof D]: D[N] & { readonly root: string; readonly fraction?: number } & Strict<
        D[N],
        KnownDatasets,
        'root' | 'fraction'
      >;
  };
  readonly model: {
    readonly encoder: E & Strict<E, KnownEncoders>;
    /** Name -> head; the names are those of the turns. */
    readonly heads: { readonly [N in keyof H]: H[N] & Strict<H[N], KnownHeads & KindsOf<P>> };
  };
  readonly train: Omit<TrainConfig, 'schedule'> & {
    readonly schedule: ScheduleInput<keyof D & string, keyof H & string>;
  };
}

interface TurnInput<D extends string, H extends string> extends UserTurn {
  readonly dataset: NoInfer<D>;
  readonly heads: readonly NoInfer<H>[];
}

type ScheduleInput<D extends string, H extends string> =
  | {
      readonly kind: 'alternating';
      readonly turns: readonly TurnInput<D, H>[];
      readonly order?: 'strict' | 'random';
      readonly temperature?: number;
      readonly literal?: boolean;
    }
  | { readonly kind: 'joint'; readonly turns: readonly TurnInput<D, H>[] };

/**
 * The default export of `multichexnet.config.ts`: returns what it is given, so that an editor completes and checks it.
 *
 * @example
 * export default defineConfig({
 *   datasets: { rsna: { kind: 'rsna', root: 'data/rsna' } },
 *   model: { encoder: { kind: 'densenet', size: 256 }, heads: { det: { kind: 'det' } } },
 *   train: { schedule: { kind: 'alternating', turns: [{ dataset: 'rsna', heads: ['det'] }] }, steps: 1000 },
 * });
 */
export function defineConfig<
  const D extends Record<string, ChoiceOf<KnownDatasets>>,
  const E extends ChoiceOf<KnownEncoders>,
  const H extends Record<string, ChoiceOf<KnownHeads & KindsOf<P>>>,
  const P extends readonly PluginEntry[] = readonly [],
>(config: ConfigInput<D, E, H, P>): ConfigInput<D, E, H, P> {
  return config;
}
