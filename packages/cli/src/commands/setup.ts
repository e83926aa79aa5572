import type { CommandContext, CommandResult } from '../command.js';
import { checkEngine } from '../health/check-engine.js';
import { checksDocument, formatChecks, type Check } from '../health/check.js';
import { installWithProgress } from '../health/install-library.js';
import { toProblem } from '../output/format-error.js';

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const device = args.flag('gpu') ? 'gpu' : 'cpu';
  const checks: Check[] = [];
  try {
    const { detail } = await installWithProgress(logger, device);
    checks.push({ name: 'library', ok: true, detail });
    checks.push(await checkEngine(device));
  } catch (error) {
    const { code, message } = toProblem(error);
    checks.push({ name: 'library', ok: false, detail: `${code}: ${message}` });
  }
  const document = checksDocument(checks);
  return { document, text: (style) => formatChecks(checks, style), exitCode: document.ok ? 0 : 1 };
}
