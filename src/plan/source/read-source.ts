import { isNode, LineCounter, parseDocument, type Document, type YAMLError } from "yaml";

import type { Diagnostic } from "../diagnostic.ts";
import type { LoadCode } from "../load-codes.ts";
import { brokenApart } from "./broken-apart.ts";
import { isStray } from "./is-stray.ts";
import { locate } from "./locate.ts";
import { mask } from "./mask.ts";
import { placeOfError } from "./place-of-error.ts";
import type { Source } from "./source.ts";
import { toTree } from "./to-tree.ts";
import { unquotedPlaceholders } from "./unquoted-placeholders.ts";
import { yamlProblem } from "./yaml-problem.ts";

/** In UTF-16 code units. The longest of the plans known is a twentieth of this. */
const LONGEST = 512 * 1024;
/** The parser recovers from an error by guessing, so what follows is soon noise. */
const MOST_ERRORS = 20;

interface Read {
  readonly source: Source | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a plan file as YAML 1.2. Never throws; `source` is null when the text could not be read as YAML at all. */
export function readSource(file: string, text: string): Read {
  const refuse = (code: LoadCode, message: string, fix: string): Read => ({
    source: null,
    diagnostics: [
      problemAt({ file, text, lines: new LineCounter() }, [0, 1], { code, message, fix }),
    ],
  });
  if (text.length > LONGEST)
    return refuse(
      "too-large",
      `the plan has ${text.length} characters`,
      `write at most ${LONGEST}`,
    );
  if (text.trim() === "")
    return refuse("yaml", "the plan is empty", "begin with `canary init`, which writes one");
  if (text.includes("\0"))
    return refuse("yaml", "the plan is not text: it has NUL bytes", "name a YAML file");
  try {
    const plain = parse(file, text);
    if (plain.document.errors.length === 0)
      return fromDocument(plain.document, plain.given, tornTexts(plain));
    const masked = parse(file, mask(text));
    const unquoted = unquotedPlaceholders(masked.document);
    if (unquoted.length === 0) return fromDocument(plain.document, plain.given, []);
    const found = unquoted.map(({ range, text }) =>
      problemAt(masked.given, range, {
        code: "unquoted-placeholder",
        message: `${text} is not in quotes, and inside { } or [ ] YAML reads its { as a map`,
        fix: `write "${text}"`,
      }),
    );
    return fromDocument(masked.document, masked.given, found);
  } catch (error) {
    // The parser is recursive: a thousand brackets end its stack, and that is the author's to mend.
    if (error instanceof RangeError)
      return refuse("too-large", "the plan is nested too deeply", "write fewer levels");
    return refuse("yaml", `the plan cannot be read: ${String(error)}`, "write valid YAML 1.2");
  }
}

interface Text {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
}

function parse(file: string, text: string): { readonly document: Document; readonly given: Text } {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, logLevel: "error" } as const;
  return { document: parseDocument(text, options), given: { file, text, lines } };
}

/** What a comma took apart is not what the author means, and neither are the problems of its parts. */
function tornTexts({ document, given }: ReturnType<typeof parse>): readonly Diagnostic[] {
  return brokenApart(document, given.text).map(({ range, text }) =>
    problemAt(given, range, {
      code: "unquoted-comma",
      message: "a comma takes this text apart: inside { } and [ ] it stands between items",
      fix: `write ${text.includes('"') ? `'${text}'` : `"${text}"`}`,
    }),
  );
}

function fromDocument(document: Document, given: Text, before: readonly Diagnostic[]): Read {
  const { file } = given;
  const diagnostics = [...before, ...yamlProblems(document, given)];
  // A file that is broken as YAML means something else than it says: its meaning is not judged.
  const broken =
    document.errors.some(({ code }) => code !== "DUPLICATE_KEY") ||
    before.some(({ code }) => code === "unquoted-comma");
  if (broken) return { source: null, diagnostics };
  const version = document.directives?.yaml;
  if (version?.explicit === true && version.version !== "1.2") {
    const message = `the plan says %YAML ${version.version}`;
    const fix = "remove the line: plans are YAML 1.2";
    diagnostics.push(problemAt(given, [0, 1], { code: "yaml", message, fix }));
  }
  const { tree, problems } = toTree(document);
  for (const { node, ...problem } of problems) {
    const range = isNode(node) ? node.range : null;
    diagnostics.push(problemAt(given, range ?? [0, 1], problem));
  }
  if (problems.some(({ code }) => code === "too-large")) return { source: null, diagnostics };
  const source = { file, root: tree.value, ...locate({ ...given, tree }) };
  return { source, diagnostics };
}

function yamlProblems(document: Document, given: Text): readonly Diagnostic[] {
  const errors: readonly YAMLError[] = [...document.errors, ...document.warnings];
  const exhausted = errors.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  if (exhausted !== undefined) {
    const message = "the plan is nested too deeply";
    const problem = { code: "too-large", message, fix: "write fewer levels" } as const;
    return [problemAt(given, exhausted.pos, problem)];
  }
  const first = new Map<number, LoadCode>();
  return errors
    .filter((error, index) => !isStray(error, errors.slice(0, index)))
    .map((error) => ({ error, problem: yamlProblem(error, given.text) }))
    .filter(({ error, problem: { code } }) => {
      // One slip makes several errors on its line; the first is the one to mend.
      const { line } = given.lines.linePos(error.pos[0]);
      const before = first.get(line);
      if (before !== undefined && !(code === "duplicate-key" && before === code)) return false;
      first.set(line, code);
      return true;
    })
    .map(({ error, problem }) => problemAt(given, placeOfError(error, given.text), problem))
    .slice(0, MOST_ERRORS);
}

interface Problem {
  readonly code: LoadCode;
  readonly message: string;
  readonly fix: string | null;
}

function problemAt(
  { file, text, lines }: Text,
  range: readonly number[],
  problem: Problem,
): Diagnostic {
  const [start = 0, end = start + 1] = range;
  const { line, col } = lines.linePos(Math.min(start, text.length));
  const here = { line: Math.max(line, 1), col: Math.max(col, 1) };
  const newline = text.slice(start, end).search(/[\r\n]/);
  const width = Math.max(newline === -1 ? end - start : newline, 1);
  const position = { ...here, endLine: here.line, endCol: here.col + width };
  return { ...problem, severity: "error", file, path: [], ...position };
}
