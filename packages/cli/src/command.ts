import type { Logger } from '@multichexnet/core';
import type { ArgumentSpec } from './arguments/argument-spec.js';
import type { ParsedArguments } from './arguments/parse-arguments.js';
import type { Style } from './output/style.js';

/** What `--help` and the parser need; the code behind it is loaded when the command runs. */
export interface CommandSpec extends ArgumentSpec {
  readonly summary: string;
  readonly examples: readonly string[];
  /** It ends by itself after an interrupt; other commands are ended. */
  readonly interruptible?: boolean;
  readonly load: () => Promise<{ readonly run: RunCommand }>;
}

export type RunCommand = (context: CommandContext) => Promise<CommandResult>;

export interface CommandContext {
  readonly args: ParsedArguments;
  readonly logger: Progress;
  /** Aborted by the first SIGINT, SIGTERM or SIGUSR1, whose name is the reason. */
  readonly signal: AbortSignal;
  readonly style: Style;
}

/** Core's logger with a heading for the stage that its progress belongs to. */
export interface Progress extends Logger {
  /** `  3/14  det on rsna`; progress of `work` (and of its folds) stands on that line. */
  stage(stage: { readonly index: number; readonly count: number; readonly work: string; readonly title: string }): void;
  /** Ends the line that is being drawn. */
  close(): void;
}

export interface CommandResult {
  /** The one document of `--json`. */
  readonly document: unknown;
  /** For people; lines without a last newline. Called only without `--json`. */
  readonly text: (style: Style) => string;
  /** 0 by default; 1 = done, and what was checked is not well. */
  readonly exitCode?: number;
}
