import { compilePattern } from "./compile-pattern.ts";
import type { Exposed } from "./parse-exposition.ts";
import { readQuoted } from "./quoted.ts";

/** `http_requests_total{status=~"5.."}`, parsed. */
export interface SeriesSelector {
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
}

interface LabelMatcher {
  readonly label: string;
  readonly matches: (value: string) => boolean;
}

export interface SelectorProblem {
  readonly kind: "problem";
  readonly message: string;
  readonly offset: number;
}

const NAME = /^\s*([A-Za-z_:][\w:]*)\s*/;
const LABEL = /\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*/y;
const BETWEEN = /\s*(,?)\s*/y;

/** Parses a metric name with label matchers, as in PromQL; no functions, ranges or arithmetic. */
export function parseSelector(text: string): SeriesSelector | SelectorProblem {
  const [head, name] = NAME.exec(text) ?? [];
  if (head === undefined || name === undefined)
    return problem("a selector begins with the metric's name, like http_requests_total", 0);
  if (head.length === text.length) return { name, matchers: [] };
  if (text[head.length] !== "{")
    return problem(
      "only a metric's name and its labels can stand here: this source has no PromQL",
      head.length,
    );
  return readMatchers(text, name, head.length);
}

/** Whether a sample of a scrape is meant. A label that is absent counts as empty, as in PromQL. */
export function selects(selector: SeriesSelector, { name, labels }: Exposed): boolean {
  return (
    name === selector.name &&
    selector.matchers.every(({ label, matches }) => matches(labels.get(label) ?? ""))
  );
}

function readMatchers(text: string, name: string, brace: number): SeriesSelector | SelectorProblem {
  const matchers: LabelMatcher[] = [];
  let at = brace + 1;
  while (text.slice(at).trimStart()[0] !== "}") {
    LABEL.lastIndex = at;
    const [head, label = "", operator = ""] = LABEL.exec(text) ?? [];
    if (head === undefined)
      return text.slice(at).trim() === ""
        ? problem("the braces opened here are not closed", brace)
        : problem('a label matcher looks like status=~"5.."', at);
    at += head.length;
    const value = readQuoted(text, at);
    if (value === null) return problem(`the value of ${label} stands in double quotes`, at);
    const matches = matcherOf(operator, value.value);
    if (matches === null) return problem(`the pattern of ${label} is not a regular expression`, at);
    matchers.push({ label, matches });
    BETWEEN.lastIndex = value.end;
    const [between = "", comma] = BETWEEN.exec(text) ?? [];
    at = value.end + between.length;
    if (comma !== "," && at < text.length && text[at] !== "}")
      return problem("matchers are separated by commas", at);
  }
  const end = text.indexOf("}", at);
  return text.slice(end + 1).trim() === ""
    ? { name, matchers }
    : problem("nothing can follow the labels: this source has no PromQL", end + 1);
}

function matcherOf(operator: string, value: string): ((text: string) => boolean) | null {
  if (operator === "=") return (text) => text === value;
  if (operator === "!=") return (text) => text !== value;
  const pattern = compilePattern(value, true);
  if (pattern === null) return null;
  return operator === "=~" ? (text) => pattern.test(text) : (text) => !pattern.test(text);
}

function problem(message: string, offset: number): SelectorProblem {
  return { kind: "problem", message, offset };
}
