import { suggestion } from '@multichexnet/core';
import { CliError } from '../errors.js';
import type { ExportedFile, ExportRequest } from './export-request.js';
import { exportOnnx } from './onnx-file.js';

type Export = (request: ExportRequest) => Promise<ExportedFile>;

const FORMATS: Readonly<Record<string, Export>> = { onnx: exportOnnx };

/** Value of `--format`. @throws CliError CLI_OPTION_VALUE */
export function parseFormat(text = 'onnx'): { readonly format: string; readonly write: Export } {
  const write = Object.hasOwn(FORMATS, text) ? FORMATS[text] : undefined;
  if (write !== undefined) return { format: text, write };
  throw new CliError('CLI_OPTION_VALUE', `--format ${text} is not known; ${suggestion(text, Object.keys(FORMATS))}`);
}
