// node measure.ts FILE ARGS...: what the benchmark file exports as `measure`, in a process of its own.
import type { MeasureFunction } from '../contender.js';
import { report } from './report.js';

const [file = '', ...args] = process.argv.slice(2);
const { measure } = (await import(file)) as { measure: MeasureFunction };
report(await measure(...args));
