import {
  isMultichexnetError,
  prepareImage,
  silentLogger,
  type Engine,
  type GradCam,
  type HeatMap,
  type PreparedImage,
  type ResolvedPhase,
  type Sample,
} from '@multichexnet/core';
import { createContainer } from '../create-container.js';
import { loadPredictor, type ImagePrediction, type Predictor } from '../predict/load-predictor.js';
import type { FoundBox, FoundMask } from '../predict/predict-files.js';
import { startEngine } from '../start-engine.js';
import type { ReportedRun } from './read-run.js';

/** What a phase's network says of one image. */
export interface Seen {
  /** Of heads that find boxes, in pixels of the original image; absent = it has none. */
  readonly boxes?: ReadonlyMap<string, readonly FoundBox[]>;
  /** Of the first head that finds masks. */
  readonly mask?: FoundMask;
  /** Heads whose gate held the image back. */
  readonly heldBack: readonly string[];
  /** Where the head that was asked looked, and for what. */
  readonly cam?: { readonly target: string; readonly map: HeatMap };
}

export interface Question {
  readonly phase: ResolvedPhase;
  readonly head: string;
  readonly sample: Sample;
  /** A class of a classifier; by default the head's only target. */
  readonly target?: string;
}

interface Loaded {
  readonly predictor: Predictor;
  /** Head -> its Grad-CAM; undefined where it has none. */
  readonly cams: Map<string, GradCam | undefined>;
}

/** Records hold no masks and no heat maps: the networks say them again. Without the engine, or without weights, there are none, and the notes say why. */
export class PanelNetworks {
  private readonly run: ReportedRun;
  private readonly notes: string[];
  private readonly withCam: boolean;
  private readonly loaded = new Map<string, Promise<Loaded | undefined>>();
  private engine: Promise<Engine> | undefined;

  constructor(run: ReportedRun, notes: string[], withCam: boolean) {
    this.run = run;
    this.notes = notes;
    this.withCam = withCam;
  }

  /** @throws ImagingError for a file that cannot be read */
  async see({ phase, head, sample, target }: Question): Promise<Seen | undefined> {
    let loading = this.loaded.get(phase.name);
    if (loading === undefined) this.loaded.set(phase.name, (loading = this.load(phase)));
    const network = await loading;
    if (network === undefined) return undefined;
    const image = await prepareImage({ ...sample, split: 'test' }, network.predictor.preprocessing);
    try {
      const prediction = await network.predictor.predict(image);
      const cam = await this.look(network, head, image, target);
      return { ...found(prediction), ...(cam === undefined ? {} : { cam }) };
    } catch (error) {
      if (!isMultichexnetError(error)) throw error;
      this.notes.push(`The network of ${phase.name} does not answer: ${error.code}, ${error.message}`);
      return undefined;
    }
  }

  async dispose(): Promise<void> {
    for (const loading of this.loaded.values()) {
      const network = await loading;
      for (const cam of network?.cams.values() ?? []) cam?.dispose();
      network?.predictor.dispose();
    }
    (await this.engine?.catch(() => undefined))?.dispose();
  }

  private async look(
    { predictor, cams }: Loaded,
    head: string,
    image: PreparedImage,
    wanted: string | undefined,
  ): Promise<Seen['cam']> {
    if (!this.withCam) return undefined;
    if (!cams.has(head)) {
      try {
        cams.set(head, predictor.gradCam(head));
      } catch (error) {
        if (!isMultichexnetError(error)) throw error;
        cams.set(head, undefined);
        this.notes.push(`No heat maps of ${head}: ${error.message}`);
      }
    }
    const cam = cams.get(head);
    const target = wanted !== undefined && cam?.targets.includes(wanted) === true ? wanted : cam?.targets[0];
    if (cam === undefined || target === undefined) return undefined;
    const [map] = (await cam.run([{ image, target }])) as [HeatMap];
    return { target, map };
  }

  private async load(phase: ResolvedPhase): Promise<Loaded | undefined> {
    const { run } = this;
    try {
      this.engine ??= startEngine(createContainer({ logger: silentLogger, plugins: run.plugins.set }));
      const engine = await this.engine;
      const opened = { ...run, store: run.phases.store };
      const predictor = await loadPredictor({ opened, phase, engine, registry: run.registry, logger: silentLogger });
      return { predictor, cams: new Map() };
    } catch (error) {
      const { code, message } = error as { readonly code?: string; readonly message: string };
      if (code === undefined) throw error;
      this.notes.push(`The network of ${phase.name} was not asked again, for masks and heat maps: ${code}, ${message}`);
      return undefined;
    }
  }
}

function found({ predictions, gates }: ImagePrediction): Omit<Seen, 'cam'> {
  const parts = Object.entries(predictions).flatMap(([head, part]) =>
    typeof part === 'object' && part !== null
      ? [[head, part as { readonly boxes?: readonly FoundBox[]; readonly mask?: FoundMask }] as const]
      : [],
  );
  const boxes = parts.flatMap(([head, part]) => (part.boxes === undefined ? [] : [[head, part.boxes] as const]));
  const mask = parts.find(([, part]) => part.mask !== undefined)?.[1].mask;
  return {
    ...(boxes.length === 0 ? {} : { boxes: new Map(boxes) }),
    ...(mask === undefined ? {} : { mask }),
    heldBack: gates.flatMap(({ head, passed }) => (passed ? [] : [head])),
  };
}
