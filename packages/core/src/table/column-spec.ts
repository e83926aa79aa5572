/** A column of a table. */
export interface ColumnSpec {
  /** As the dataset's own header says. */
  readonly name: string;
  /** Names in other releases of the table. */
  readonly aliases?: readonly string[];
  /** Without the column its cells read as ''. */
  readonly optional?: boolean;
}
