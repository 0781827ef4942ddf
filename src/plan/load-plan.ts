import type { Plan } from "../core/plan.ts";
import { createLoading } from "./create-loading.ts";
import { isMap } from "./decode/is-map.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { DriverCatalog } from "./driver-catalog.ts";
import type { Loading } from "./loading.ts";
import type { LocatedPlan } from "./located-plan.ts";
import { normalizePlan } from "./normalize/normalize-plan.ts";
import { findOutputs } from "./params/find-outputs.ts";
import { readParams, type ParamInput } from "./params/read-params.ts";
import { substitute, type Lookup } from "./params/substitute.ts";
import { allRules } from "./rules/all-rules.ts";
import { needsOf } from "./rules/needs-of.ts";
import { readSource } from "./source/read-source.ts";
import type { Source } from "./source/source.ts";

export interface LoadOptions extends ParamInput {
  readonly catalog: DriverCatalog;
  /** Soaks, intervals, windows and waits are multiplied by this, e.g. 1/60. Timeouts are not. */
  readonly timeScale?: number;
  /** The playbook that is run now: its own parameters are then among those of `set`. */
  readonly playbook?: string;
  /** What stands for other placeholders: `sandbox.url` to an address. */
  readonly urls?: Readonly<Record<string, string>>;
}

export interface Loaded {
  /** Null if, and only if, a diagnostic is an error. */
  readonly plan: Plan | null;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Stands for the sandbox where a plan is only looked at. */
const EXAMPLE_SANDBOX = "http://127.0.0.1:7070";

/** Reads a plan file. Never throws, whatever the text is; tells all problems at once, each with its place and remedy. */
export function loadPlan(
  file: { readonly path: string; readonly text: string },
  options: LoadOptions,
): Loaded {
  const { source, diagnostics: read } = readSource(file.path, file.text);
  if (source === null) return { plan: null, diagnostics: read };
  const diagnostics = [...read];
  const plan = build(source, options, diagnostics);
  const sorted = diagnostics.toSorted((a, b) => a.line - b.line || a.col - b.col);
  const failed = sorted.some(({ severity }) => severity === "error");
  return { plan: failed ? null : plan, diagnostics: sorted };
}

function build(source: Source, options: LoadOptions, diagnostics: Diagnostic[]): Plan | null {
  const given = isMap(source.root) ? source.root["params"] : undefined;
  const base = { source, catalog: options.catalog, timeScale: options.timeScale ?? 1, diagnostics };
  const first = createLoading({ ...base, params: new Map(), outputs: new Set(), section: given });
  const { own, plans } = splitSet(source.root, options);
  const params = readParams(first, given, { ...options, set: plans });
  const outputs = findOutputs(source.root);
  const loading = createLoading({ ...base, params, outputs, section: given }, first);
  const lookup = lookupOf(params, options);
  const root = substitute(loading, source.root, lookup);
  const asked = options.playbook === undefined ? null : { name: options.playbook, set: own };
  const plan = normalizePlan(loading, root, { asked, lookup });
  if (plan === null) return null;
  const located: LocatedPlan = {
    plan,
    file: source.file,
    at: (path, part) => source.at(path, part),
    keyAt: (path) => source.keyAt(path),
    sourceOf: loading.sourceOf,
  };
  const found = allRules.flatMap((rule) => rule(located, options.catalog));
  diagnostics.push(...found.filter((each) => !isConsequence(loading, each)));
  return plan;
}

/** What `--set` gave, parted in that for the playbook that is run now and that for the plan. */
function splitSet(
  root: Source["root"],
  { set, playbook }: LoadOptions,
): Record<"own" | "plans", LoadOptions["set"]> {
  const playbooks = isMap(root) ? root["playbooks"] : undefined;
  const map = isMap(playbooks) && playbook !== undefined ? playbooks[playbook] : undefined;
  const params = isMap(map) ? map["params"] : undefined;
  const isOwn = (name: string): boolean => isMap(params) && Object.hasOwn(params, name);
  const entries = Object.entries(set);
  return {
    own: Object.fromEntries(entries.filter(([name]) => isOwn(name))),
    plans: Object.fromEntries(entries.filter(([name]) => !isOwn(name))),
  };
}

function lookupOf(params: Loading["params"], { urls = {}, useExamples }: LoadOptions): Lookup {
  return ({ kind, name }) => {
    if (kind === "params") return params.get(name);
    const given = urls[`${kind}.${name}`];
    return given ?? (kind === "sandbox" && useExamples ? EXAMPLE_SANDBOX : undefined);
  };
}

/** Whether a problem of meaning may only come from what was reported, or left out by an `if`. */
function isConsequence(loading: Loading, { code, path }: Diagnostic): boolean {
  if (code.endsWith("-unused") && loading.leftOut.has(String(path[1]))) return true;
  if (loading.isBroken(["params"])) return true;
  if (path[0] === "stages" && loading.isBroken(["everyStage"])) return true;
  if (needsOf(code).some((section) => loading.isBroken([section]))) return true;
  return loading.isBroken(path.slice(0, 2));
}
