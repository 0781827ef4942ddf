import type { FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import { isList, isObject, sameJson } from "./kube-object.ts";
import {
  keysOf,
  pathText,
  stepInto,
  type Element,
  type ObjectPath,
  type Segment,
} from "./object-path.ts";

/** One operation of RFC 6902. */
export type PatchOp =
  | { readonly op: "test" | "add" | "replace"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string };

export interface Edit {
  readonly path: ObjectPath;
  readonly value: FieldValue;
  /** How many segments of the path existed before the rollout: emptied parents below them are taken away again. */
  readonly had: number;
  /** Where a list element stood before the rollout, so that it comes back there. */
  readonly index?: number | null;
}

export interface Patch {
  readonly ops: readonly PatchOp[];
  /** Whether a parent is made, which would replace one that somebody makes meanwhile: then the version is tested too. */
  readonly makesParent: boolean;
}

type Mutable = Record<string, Json> | Json[];

/**
 * The JSON patch that makes `object` have these values, with a test of what tells each list element it goes through.
 * With `partly`, a value whose place is gone does not keep the others from theirs, as long as any has one.
 */
export function patchFor(
  object: Json,
  edits: readonly Edit[],
  { partly = false }: { readonly partly?: boolean } = {},
): Answer<Patch> {
  const doc = structuredClone(object);
  const ops: PatchOp[] = [];
  let makesParent = false;
  let left = 0;
  for (const edit of edits) {
    const made = edit.value.present
      ? place(doc, edit.path, edit.value.value, edit.index ?? null)
      : take(doc, edit.path, edit.had);
    if (made.kind !== "ok") {
      left += 1;
      if (!partly || left === edits.length) return made;
      continue;
    }
    ops.push(...made.value.ops);
    makesParent ||= made.value.makesParent;
    for (const op of made.value.ops) apply(doc, op);
  }
  return ok({ ops: ops.filter(isFirst), makesParent });
}

interface Walk {
  /** The nodes on the path, the document first; as many more than tokens by one. */
  readonly nodes: readonly Json[];
  readonly tokens: readonly string[];
  readonly tests: readonly PatchOp[];
}

function walk(doc: Json, path: ObjectPath): Walk {
  const nodes: Json[] = [doc];
  const tokens: string[] = [];
  const tests: PatchOp[] = [];
  for (const segment of path) {
    const step = stepInto(nodes.at(-1) ?? null, segment);
    if (step === null) break;
    nodes.push(step.child);
    tokens.push(step.token);
    if (isElement(segment)) tests.push(...testsOf(segment, step.child, tokens));
  }
  return { nodes, tokens, tests };
}

/** Tests that the server makes at the write: the element is still the one. That a key is absent only the whole can tell. */
function testsOf(element: Element, child: Json, tokens: readonly string[]): readonly PatchOp[] {
  const keys = Object.entries(keysOf(element));
  if (keys.some(([, value]) => value === null))
    return [{ op: "test", path: pointer(tokens), value: structuredClone(child) }];
  return keys.map(([key, value]) => ({ op: "test", path: pointer([...tokens, key]), value }));
}

function place(doc: Json, path: ObjectPath, value: Json, index: number | null): Answer<Patch> {
  const { nodes, tokens, tests } = walk(doc, path);
  if (tokens.length === path.length)
    return ok({
      ops: [...tests, { op: "replace", path: pointer(tokens), value }],
      makesParent: false,
    });
  const [missing, ...deeper] = path.slice(tokens.length);
  const parent = nodes.at(-1) ?? null;
  if (missing === undefined || !fits(parent, missing) || deeper.slice(0, -1).some(isElement))
    return failed(`there is no ${pathText(path.slice(0, tokens.length + 1))}`);
  if (isElement(missing) && deeper.length > 0)
    return failed(
      `there is no "${pathText([missing]).slice(1, -1)}" in ${pathText(path.slice(0, tokens.length))}`,
    );
  const token = isElement(missing) ? positionIn(parent, index) : missing;
  const add: PatchOp = { op: "add", path: pointer([...tokens, token]), value: nest(deeper, value) };
  return ok({ ops: [...tests, add], makesParent: deeper.length > 0 });
}

/** Removes the value, and with it the parents that it leaves empty and that were not there before. */
function take(doc: Json, path: ObjectPath, had: number): Answer<Patch> {
  const { nodes, tokens, tests } = walk(doc, path);
  if (tokens.length < path.length) return ok({ ops: [], makesParent: false });
  let depth = path.length;
  while (depth - 1 > had && sizeOf(nodes[depth - 1]) === 1) depth -= 1;
  const whole = nodes[depth];
  const where = pointer(tokens.slice(0, depth));
  // Someone may put a second value beside ours meanwhile: the parent goes only while it holds nothing else.
  const guard: readonly PatchOp[] =
    depth === path.length || whole === undefined ? [] : [{ op: "test", path: where, value: whole }];
  return ok({ ops: [...tests, ...guard, { op: "remove", path: where }], makesParent: false });
}

function nest(path: ObjectPath, value: Json): Json {
  return path.reduceRight<Json>(
    (inner, segment) => (isElement(segment) ? [inner] : { [segment]: inner }),
    value,
  );
}

/** The end of the list, unless the element had a position that is still inside. */
function positionIn(list: Json, index: number | null): string {
  return index !== null && index < sizeOf(list) ? String(index) : "-";
}

function fits(parent: Json, segment: Segment): boolean {
  return isElement(segment) ? isList(parent) : isObject(parent);
}

function isElement(segment: Segment): segment is Element {
  return typeof segment !== "string";
}

function sizeOf(node: Json | undefined): number {
  if (isList(node)) return node.length;
  return isObject(node) ? Object.keys(node).length : 0;
}

function pointer(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Applies an operation to the working copy, so that the places of the next ones are right. */
function apply(doc: Json, op: PatchOp): void {
  if (op.op === "test") return;
  const tokens = op.path
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = tokens.pop() ?? "";
  let here = doc as Mutable;
  for (const token of tokens) here = (here as Record<string, Mutable>)[token] as Mutable;
  if (Array.isArray(here)) {
    if (op.op === "remove") here.splice(Number(last), 1);
    else if (last === "-") here.push(structuredClone(op.value));
    else if (op.op === "add") here.splice(Number(last), 0, structuredClone(op.value));
    else here[Number(last)] = structuredClone(op.value);
  } else if (op.op === "remove") delete here[last];
  else here[last] = structuredClone(op.value);
}

/** The same test twice in a row says nothing more. */
function isFirst(op: PatchOp, index: number, ops: readonly PatchOp[]): boolean {
  const before = ops[index - 1];
  return op.op !== "test" || before === undefined || !sameJson(op, before);
}
