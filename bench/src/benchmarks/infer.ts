import { atMost, type Benchmark, type Check } from '../benchmark.js';
import { nodeContender, pythonContender } from '../contender.js';
import type { Entry } from '../interleave.js';
import { networkFolder } from '../network-files.js';
import { round } from '../statistics.js';
import { BATCH, CLASSES, SIZE } from '../workload.js';

const RUNS = '12';
const SECONDS = '15';
const PARTS = ['batch1', `batch${BATCH}`];
/** Logits of contenders may differ by rounding, times the depth of the network. */
const TOLERANCE = 1e-2;

/** Images in, logits out, on one network whose weights all contenders load. */
export const infer: Benchmark = {
  name: 'infer',
  what: `inference of batches of 1 and ${BATCH} against ONNX Runtime, OpenVINO and PyTorch (needs the peers)`,
  settings: { network: 'DenseNet-121', pixels: SIZE, batches: `1 and ${BATCH}`, outputs: CLASSES },
  rounds: 3,
  contenders: () => {
    const args = [networkFolder(), RUNS, SECONDS];
    return [
      nodeContender('traced', 'one traced call, float32', 'infer', ['float32', ...args]),
      pythonContender('onnxruntime', 'ONNX Runtime, float32', 'infer_onnx', args),
      pythonContender('openvino', 'OpenVINO, float32', 'infer_openvino', args),
      pythonContender('torch', 'PyTorch channels_last, float32', 'infer_torch', args),
      nodeContender('traced-bf16', 'one traced call, bfloat16', 'infer', ['bfloat16', ...args]),
    ];
  },
  conclude: (entries) => {
    const time = (name: string, part: string): number => entries[name]?.ms[part] as number;
    const over = (a: string, b: string, part: string): number => round(time(a, part) / time(b, part));
    const others = Object.keys(entries).filter((name) => name !== 'traced');
    const ratios = others.flatMap((name) =>
      PARTS.flatMap((part) => [
        [`traced/${name} ${part}`, over('traced', name, part)] as const,
        [`traced/${name} ${part} CPU time`, over('traced', name, `${part}Cpu`)] as const,
      ]),
    );
    const checks: Check[] = PARTS.map((part) =>
      atMost(`traced / onnxruntime, ${part}`, over('traced', 'onnxruntime', part), 1.15),
    );
    checks.push(atMost('difference between our logits and ONNX Runtime’s', difference(entries), TOLERANCE));
    return { ratios: Object.fromEntries(ratios), checks };
  },
};

function difference(entries: Readonly<Record<string, Entry>>): number {
  const logits = (name: string): number[] =>
    ['logit0', 'logit7'].map((logit) => Number(entries[name]?.notes?.[logit] ?? NaN));
  const theirs = logits('onnxruntime');
  return round(Math.max(...logits('traced').map((value, i) => Math.abs(value - (theirs[i] as number)))));
}
