/** One thing that `canary verify` has to say about a file of the evidence. */
export interface Finding {
  /** `problem`: the evidence is incomplete or was changed; `note`: worth knowing, and explained. */
  readonly kind: "problem" | "note";
  readonly path: string;
  readonly what: string;
}

/** Something that makes the evidence worthless until it is explained. */
export function problem(path: string, what: string): Finding {
  return { kind: "problem", path, what };
}

/** Something that is as it may be, and still worth a word. */
export function note(path: string, what: string): Finding {
  return { kind: "note", path, what };
}
