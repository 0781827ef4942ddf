import type { Json } from "../../core/units.ts";
import type { Element } from "../kubectl/object-path.ts";
import type { Wish } from "./routes-input.ts";

/** What one kind of router calls the same things: rules that match requests and send them to weighted targets. */
export interface RuleShape {
  /** Where the rules stand in the object. */
  readonly rules: readonly string[];
  /** The key of what a rule matches, and of what it sends to. */
  readonly matches: string;
  readonly targets: string;
  readonly isCanary: (target: Json) => boolean;
  /** What tells a target from the others of its rule. */
  readonly elementOf: (target: Json) => Element;
  readonly targetText: (target: Json) => string;
  /** The paths of a match, for people. */
  readonly matchText: (match: Json) => string;
  /** The match for those of its requests that hold the header or cookie as well; null where none can. */
  readonly narrowed: (match: Json, wish: Wish) => Json | null;
  /** Whether the first rule that matches wins; otherwise the most specific one does. */
  readonly inOrder: boolean;
  /** What to do when no rule sends to the canary. */
  readonly remedy: string;
}
