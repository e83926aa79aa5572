import { atMost, type Benchmark, type Check } from '../benchmark.js';
import { nodeContender, pythonContender, type Contender } from '../contender.js';
import type { Entry } from '../interleave.js';
import { networkFolder } from '../network-files.js';
import { round } from '../statistics.js';
import { BATCH, CLASSES, SIZE } from '../workload.js';

const RUNS = '12';
const SECONDS = '15';
/** Logits of contenders may differ by rounding, times the depth of the network. */
const TOLERANCE = 1e-2;
const PEERS = ['onnxruntime', 'openvino', 'torch'];

/** Images in, logits out, on one network whose weights all contenders load. */
export const infer: Benchmark = {
  name: 'infer',
  what: `inference of batches of 1 and ${BATCH} against ONNX Runtime, OpenVINO and PyTorch (needs the peers)`,
  settings: { network: 'DenseNet-121', pixels: SIZE, batches: `1 and ${BATCH}`, outputs: CLASSES },
  rounds: 3,
  contenders: () => {
    const args = [networkFolder(), RUNS, SECONDS];
    const ours = (name: string, label: string, precision: string, threads: string): Contender =>
      nodeContender(name, label, 'infer', [precision, threads, ...args]);
    return [
      ours('onnx', 'ours in ONNX Runtime, float32', 'onnxruntime', 'whole'),
      ours('traced', 'ours in TensorFlow, float32', 'float32', 'whole'),
      ours('lanes', 'ours in TensorFlow, side by side', 'float32', 'lanes'),
      pythonContender('onnxruntime', 'ONNX Runtime in Python, float32', 'infer_onnx', args),
      pythonContender('openvino', 'OpenVINO, float32', 'infer_openvino', args),
      pythonContender('torch', 'PyTorch channels_last, float32', 'infer_torch', args),
      ours('traced-bf16', 'ours in TensorFlow, bfloat16', 'bfloat16', 'whole'),
      ours('lanes-bf16', 'the same side by side', 'bfloat16', 'lanes'),
    ];
  },
  conclude: (entries) => {
    const time = (name: string, part: string): number => entries[name]?.ms[part] as number;
    const over = (a: string, b: string, part: string): number => round(time(a, part) / time(b, part));
    const parts = ['batch1', `batch${BATCH}`] as const;
    // In ONNX Runtime as `predict --runtime onnxruntime`; in TensorFlow, as it predicts by default, one image and several each in the way that suits them.
    const own = [
      ...parts.map((part) => ['onnx', part, PEERS] as const),
      ['traced', parts[0], [...PEERS, 'traced-bf16']] as const,
      ['lanes', parts[1], [...PEERS, 'lanes-bf16']] as const,
    ];
    const ratios = own.flatMap(([ours, part, others]) =>
      others.flatMap((name) => [
        [`${ours}/${name} ${part}`, over(ours, name, part)] as const,
        [`${ours}/${name} ${part} CPU time`, over(ours, name, `${part}Cpu`)] as const,
      ]),
    );
    const checks: Check[] = parts.map((part) =>
      atMost(`ours in ONNX Runtime / ONNX Runtime in Python, ${part}`, over('onnx', 'onnxruntime', part), 1.15),
    );
    checks.push(atMost('difference between our logits and ONNX Runtime’s', difference(entries), TOLERANCE));
    return { ratios: Object.fromEntries(ratios), checks };
  },
};

function difference(entries: Readonly<Record<string, Entry>>): number {
  const logits = (name: string): number[] =>
    ['logit0', 'logit7'].map((logit) => Number(entries[name]?.notes?.[logit] ?? NaN));
  const theirs = logits('onnxruntime');
  const far = ['onnx', 'traced', 'lanes'].flatMap((name) =>
    logits(name).map((value, i) => Math.abs(value - (theirs[i] as number))),
  );
  return round(Math.max(...far));
}
