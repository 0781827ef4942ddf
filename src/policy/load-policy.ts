import type { Json } from "../core/units.ts";
import { createLoading } from "../plan/create-loading.ts";
import { isMap } from "../plan/decode/is-map.ts";
import type { Diagnostic } from "../plan/diagnostic.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";
import type { Loading } from "../plan/loading.ts";
import { normalizeChecks } from "../plan/normalize/checks.ts";
import type { ParamValue } from "../plan/params/param-value.ts";
import { substitute } from "../plan/params/substitute.ts";
import { readSource } from "../plan/source/read-source.ts";
import { checkNames } from "./check-names.ts";
import type { Policy } from "./policy.ts";
import { readSections } from "./read-sections.ts";

export interface LoadedPolicy {
  /** Null if, and only if, a diagnostic is an error. */
  readonly policy: Policy | null;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface PolicyOptions {
  readonly catalog: DriverCatalog;
  /** The parameters of the plan that it is read for; null: it is only looked at, and they may be anything. */
  readonly params: ReadonlyMap<string, ParamValue> | null;
}

/** Reads a policy file. Never throws, whatever the text is; tells all problems at once, each with its place and remedy. */
export function loadPolicy(
  file: { readonly path: string; readonly text: string },
  { catalog, params }: PolicyOptions,
): LoadedPolicy {
  const { source, diagnostics: read } = readSource(file.path, file.text);
  if (source === null) return { policy: null, diagnostics: read };
  const diagnostics = [...read];
  const loading = createLoading({
    source,
    catalog,
    timeScale: 1,
    diagnostics,
    params: params ?? new Map<string, ParamValue>(),
    outputs: new Set<string>(),
    section: undefined,
  });
  const root = substitute(loading, source.root, ({ kind, name }) => {
    if (kind !== "params") return undefined;
    return params === null ? "example" : params.get(name);
  });
  const policy = build(loading, root, file.path);
  const sorted = diagnostics.toSorted((a, b) => a.line - b.line || a.col - b.col);
  const failed = sorted.some(({ severity }) => severity === "error");
  return { policy: failed ? null : policy, diagnostics: sorted };
}

function build(loading: Loading, root: Json, file: string): Policy | null {
  const sections = readSections(loading, root);
  if (sections === null) return null;
  const given = isMap(root) ? root["checks"] : undefined;
  // A policy has no connections: its checks are commands, requests, and people's words.
  const { checks } = normalizeChecks(loading, given, new Map());
  const known = isMap(given) ? Object.keys(given) : [];
  checkNames(loading, sections, { known, checks });
  return { file, ...sections, checks: Object.fromEntries(checks) };
}
