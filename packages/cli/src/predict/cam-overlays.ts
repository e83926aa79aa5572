import {
  MultichexnetError,
  suggestion,
  writeFileAtomic,
  type GradCam,
  type HeatMap,
  type PreparedImage,
} from '@multichexnet/core';
import { drawOverlay } from '../explain/draw-overlay.js';
import type { Predictor } from './load-predictor.js';

/** Where a head looked for one finding, as it was written. */
export interface CamOverlay {
  readonly finding: string;
  readonly head: string;
  /** The film with the heat map over it. */
  readonly png: string;
}

export interface CamOverlays {
  readonly findings: readonly string[];
  /** @param png where the overlay of a finding goes */
  draw(file: string, image: PreparedImage, png: (finding: string) => string): Promise<CamOverlay[]>;
  /** Before the predictor is. */
  dispose(): void;
}

/**
 * Grad-CAM of findings, each by the first head that knows it: a classifier's classes, `box` of a detector, `mask` of a segmentation.
 * @throws MultichexnetError EXPLAIN_TARGET_UNKNOWN, EXPLAIN_LEVEL_UNKNOWN
 */
export function createCamOverlays(predictor: Predictor, findings: readonly string[]): CamOverlays {
  const unique = [...new Set(findings)];
  const asked = unique.map((finding) => [finding, headOf(predictor, finding)] as const);
  const cams = new Map<string, GradCam>();
  for (const head of new Set(asked.map(([, name]) => name))) cams.set(head, predictor.gradCam(head));
  return {
    findings: unique,
    draw: async (file, image, png) => {
      const overlays: CamOverlay[] = [];
      for (const [finding, head] of asked) {
        const [map] = (await cams.get(head)?.run([{ image, target: finding }])) as [HeatMap];
        const overlay = { finding, head, png: png(finding) };
        await writeFileAtomic(overlay.png, await drawOverlay({ file, map }));
        overlays.push(overlay);
      }
      return overlays;
    },
    dispose: () => {
      for (const cam of cams.values()) cam.dispose();
    },
  };
}

/** `Effusion` of a file's name; what a class may be called that a file may not is replaced, so that no name leads out of a folder. */
export function fileWord(finding: string): string {
  return finding.replaceAll(/[^\p{L}\p{N}_-]+/gu, '_');
}

function headOf({ targets }: Predictor, finding: string): string {
  for (const [head, known] of targets) if (known.includes(finding)) return head;
  const known = [...targets.values()].flat();
  throw new MultichexnetError(
    'EXPLAIN_TARGET_UNKNOWN',
    `no head of this phase has "${finding}" to explain; ${suggestion(finding, known)}`,
  );
}
