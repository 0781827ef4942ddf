import type { ReactionEvent } from "../../core/reaction.ts";
import type { Decoded } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { LoadCode } from "../load-codes.ts";
import type { Loading } from "../loading.ts";
import type { reactionShape } from "../schema/reaction-shape.ts";

export interface ReactionLine {
  readonly event: ReactionEvent;
  readonly map: JsonMap;
  readonly path: SourcePath;
  readonly given: Decoded<typeof reactionShape>;
  /** Whether somebody is told, by the line or by its message. */
  readonly tells: boolean;
}

interface Problem {
  readonly code: LoadCode;
  readonly message: string;
  readonly fix: string;
  readonly key?: string;
}

/** Whether a line of `on:` does one thing: it tells, runs or records. What is wrong is reported. */
export function doesOneThing(loading: Loading, line: ReactionLine): boolean {
  const problem = problemOf(line);
  if (problem === null) return true;
  const { key, ...rest } = problem;
  const { path } = line;
  // What is wrong with the words of the line was told already.
  if (key !== undefined) loading.report([...path, key], { ...rest, atKey: true });
  else if (!loading.isBroken(path)) loading.report(path, rest);
  return false;
}

function problemOf({ event, map, given, tells }: ReactionLine): Problem | null {
  const [first, second] = ["to", "run", "record", "evidence"].filter((key) =>
    Object.hasOwn(map, key),
  );
  if (first !== undefined && second !== undefined) {
    const message = `a line of \`on\` has either \`${first}\` or \`${second}\``;
    return { code: "two-kinds", message, fix: "make two lines of it", key: second };
  }
  const code = "missing-key";
  if (given.ask !== undefined && !tells) {
    const message = "nobody is told what is asked for";
    return { code, message, fix: "add `to: CONNECTION`" };
  }
  if (given.within !== undefined && given.ask === undefined) {
    const message = "`within` says by when an answer is expected, and nothing is asked for";
    return { code, message, fix: "add `ask: [CONFIRMATION]`, or write `after`", key: "within" };
  }
  if (first === undefined && !tells) {
    const { message: named } = given;
    const message =
      named === undefined ? "this does nothing" : `the message ${named} goes to nobody`;
    return { code, message, fix: "add `to: CONNECTION`" };
  }
  if (first === "record" && given.text === undefined && given.message === undefined)
    return { code, message: "nothing is written into the record", fix: "add `text: …`" };
  if (event === "in-progress" && given.every === undefined) {
    const message = "`in-progress` is told again and again, and nothing says how often";
    return { code, message, fix: "add `every: 1h`" };
  }
  return null;
}
