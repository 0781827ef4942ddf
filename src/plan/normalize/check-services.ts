import type { Service } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { decodeMap, expectMap } from "../decode/decode-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { readyShape, serviceShape } from "../schema/service-shape.ts";
import { checkName } from "./check-name.ts";

const WITHIN = 10_000;

/** The processes that live as long as a check, in their order. */
export function checkServices(
  loading: Loading,
  given: Json | undefined,
  path: SourcePath,
): readonly Service[] {
  if (given === undefined) return [];
  return Object.entries(expectMap(loading, given, path) ?? {}).flatMap(([name, value]) => {
    const place = [...path, name];
    checkName(loading, name, place);
    return service(loading, name, value, place) ?? [];
  });
}

function service(loading: Loading, name: string, value: Json, path: SourcePath): Service | null {
  const map = expectMap(loading, value, path);
  if (map === null) return null;
  const { run, env, cwd } = decodeMap(loading, serviceShape, map, path, ["ready"]);
  const ready = readyOf(loading, map["ready"], path);
  if (run === undefined || ready === null) return null;
  return { name, argv: run, env: env ?? {}, cwd: cwd ?? null, ...ready };
}

function readyOf(
  loading: Loading,
  given: Json | undefined,
  service: SourcePath,
): Pick<Service, "ready" | "within"> | null {
  const path = [...service, "ready"];
  const example = "write ready: { tcp: localhost:9090 }, or { http: http://localhost:9090/ }";
  if (given === undefined) {
    const message = "nothing says when this service is up";
    loading.report(service, { code: "missing-key", message, fix: example, atKey: true });
    return null;
  }
  const map = expectMap(loading, given, path);
  if (map === null) return null;
  const { tcp, http, within } = decodeMap(loading, readyShape, map, path);
  if (loading.isBroken(path)) return null;
  if (tcp !== undefined && http !== undefined) {
    const message = "a service is up by either tcp or http";
    const fix = "keep one of them";
    loading.report([...path, "http"], { code: "two-kinds", message, fix, atKey: true });
    return null;
  }
  if (tcp !== undefined) return { ready: { kind: "tcp", address: tcp }, within: within ?? WITHIN };
  if (http !== undefined) return { ready: { kind: "http", url: http }, within: within ?? WITHIN };
  const message = "this says nothing to look at";
  loading.report(path, { code: "missing-key", message, fix: example });
  return null;
}
