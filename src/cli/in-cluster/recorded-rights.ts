import type { Engine } from "../../engine/ports.ts";

/** One right that a plan asks for before it starts. */
export interface Right {
  readonly verb: string;
  /** As `kubectl auth can-i` takes it: `deployment.apps` or `pods`. */
  readonly type: string;
  readonly subresource: string | null;
  readonly name: string | null;
  /** Null: the one that kubectl looks in by itself. */
  readonly namespace: string | null;
}

/**
 * Processes in which every question for a right is answered with yes, and noted: what is noted is what a service account
 * needs that has no right yet. Everything else is really asked.
 */
export function recordRights(exec: Engine["exec"]): {
  readonly exec: Engine["exec"];
  readonly rights: readonly Right[];
} {
  const rights: Right[] = [];
  return {
    rights,
    exec: (identity) => {
      const run = exec(identity);
      return (argv, options) => {
        const right = rightOf(argv);
        if (right === null) return run(argv, options);
        rights.push(right);
        const said = { exitCode: 0, stdout: "yes\n", stderr: "", why: null, started: true };
        return Promise.resolve(said);
      };
    },
  };
}

function rightOf(argv: readonly string[]): Right | null {
  const words = argv.filter((word) => !word.startsWith("--"));
  const [program, first, second, verb, what = ""] = words;
  if (program !== "kubectl" || first !== "auth" || second !== "can-i" || verb === undefined)
    return null;
  const flag = (name: string): string | null =>
    argv.findLast((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? null;
  const [type = "", name] = what.split("/");
  return {
    verb,
    type,
    subresource: flag("subresource"),
    name: name ?? null,
    namespace: flag("namespace"),
  };
}
