import type { Check } from "../../core/plan.ts";
import type { JsonMap } from "../decode/is-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { driverInput } from "./driver-input.ts";
import type { Names } from "./names.ts";
import { pickConnection } from "./pick-connection.ts";
import { subjectOf } from "./subject-of.ts";

interface Driven {
  readonly kind: string;
  readonly map: JsonMap;
  readonly path: SourcePath;
  /** Keys that stand beside the driver's own. */
  readonly common: readonly string[];
}

/** The part of a check, or of one of its steps, that belongs to a check driver. Null, and reported, where it is wrong. */
export function drivenCheck(
  loading: Loading,
  { kind, map, path, common }: Driven,
  names: Pick<Names, "connections">,
): Pick<Check, "connection" | "input"> | null {
  const driver = loading.catalog.checks.get(kind);
  if (driver === undefined) return null;
  const value = Object.fromEntries(
    Object.entries(map).filter(([key]) => key === kind || !loading.catalog.checks.has(key)),
  );
  const input = driverInput(loading, { schema: driver.input, value, path, common });
  const types = (input === null ? undefined : driver.needs?.(input)) ?? driver.connections;
  const connection = pickConnection(loading, names, {
    ...subjectOf(map, kind, types),
    types,
    path,
  });
  return input === null ? null : { connection, input };
}

/** Requests are quick, commands take longer. In milliseconds. */
const HTTP_TIMEOUT = 10_000;
const TIMEOUT = 30_000;

/** How long a check of a kind may take when the plan does not say. */
export function usualTimeout(kind: string): number {
  return kind === "http" ? HTTP_TIMEOUT : TIMEOUT;
}
