/** What the page of drivers says about one driver beside what its registration says already. */
export interface DriverNote {
  /** YAML of an item of a plan: an action, a check or an evidence item. A test lints it. */
  readonly example: string;
  /** The least that the credentials must be able to do, for the action and for its undo. */
  readonly rights: string;
  /** The test that proves it, below `test/drivers`. */
  readonly test: string;
  /** What it was proven against: the real system, or something of ours that keeps its documented rules. */
  readonly against: string;
}

export interface ActionNote extends DriverNote {
  /** What the target has to look like, as Markdown; absent where nothing is asked of it. */
  readonly needs?: readonly string[];
  readonly undo: string;
  readonly reads: string;
}
