export interface OptionSpec {
  /** Name of the value in help; absent = a switch. */
  readonly value?: string;
  /** What a switch may be given as, beside alone: `--resume=auto`. */
  readonly words?: readonly string[];
  /** May be given several times. */
  readonly many?: boolean;
  readonly help: string;
}

export interface PositionalSpec {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  readonly many?: boolean;
}

/** What a command takes. */
export interface ArgumentSpec {
  /** `data verify`: one or two words. */
  readonly name: string;
  readonly positionals: readonly PositionalSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
}
