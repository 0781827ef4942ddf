/** How a rollout ends. `refused` is an end before the first intent: nothing was touched. */
export type End =
  | { readonly kind: "promoted" }
  | { readonly kind: "rolled-back"; readonly by: "abort" | "machine" }
  | {
      readonly kind: "rollback-failed";
      readonly certain: boolean;
      readonly why: string;
      /** Every value is back; it is the verification that failed or could not be made. */
      readonly restored?: true;
    }
  | { readonly kind: "halted"; readonly why: string }
  | {
      readonly kind: "refused";
      readonly problems: readonly string[];
      /** A target is held by another rollout. */ readonly locked: boolean;
    };

/** The exit code of an end: the whole table stands in the docs under "exit codes". */
export function exitCode(end: End): number {
  switch (end.kind) {
    case "promoted":
      return 0;
    case "rolled-back":
      return end.by === "abort" ? 31 : 30;
    case "rollback-failed":
      return end.certain ? 40 : 41;
    case "halted":
      return 42;
    case "refused":
      return end.locked ? 21 : 20;
  }
}

/** Whether the targets of a rollout that ended so are free for the next one. */
export function freesTargets(end: End): boolean {
  return end.kind === "promoted" || end.kind === "rolled-back" || end.kind === "refused";
}
