import type { Json } from "../core/units.ts";
import { decodeMap } from "../plan/decode/decode-map.ts";
import type { SourcePath } from "../plan/diagnostic.ts";
import type { Loading } from "../plan/loading.ts";
import { freezeShape } from "./policy-shape.ts";
import type { Freeze } from "./policy.ts";
import { parseWeek } from "./week.ts";

/** The times in which nothing starts; what is wrong with one is reported. */
export function readFreezes(loading: Loading, section: Json | undefined): readonly Freeze[] {
  if (section === undefined) return [];
  if (!Array.isArray(section)) {
    loading.report(["freeze"], {
      code: "wrong-type",
      message: "`freeze` is not a list",
      fix: "write - { name: …, from: …, to: … } below it",
    });
    return [];
  }
  return section.flatMap((value: Json, index) => readFreeze(loading, value, ["freeze", index]));
}

function readFreeze(loading: Loading, value: Json, path: SourcePath): readonly Freeze[] {
  const given = decodeMap(loading, freezeShape, value, path);
  const when = whenOf(loading, given, path);
  if (when === null) return [];
  const { name = "", tiers = [], unless = null } = given;
  return [{ name, when, tiers, unless }];
}

interface Given {
  readonly from?: string;
  readonly to?: string;
  readonly weekly?: string;
  readonly zone?: string;
}

function whenOf(loading: Loading, given: Given, path: SourcePath): Freeze["when"] | null {
  const { from, to, weekly, zone } = given;
  if (weekly !== undefined && from === undefined && to === undefined)
    return weeklyOf(loading, weekly, zone ?? "UTC", path);
  if (weekly === undefined && from !== undefined && to !== undefined && zone === undefined)
    return betweenOf(loading, from, to, path);
  loading.report(path, {
    code: "two-kinds",
    message: "a freeze is either from a time to a time, or weekly",
    fix: "write `from` and `to`, or `weekly` with its `zone`",
  });
  return null;
}

function betweenOf(
  loading: Loading,
  from: string,
  to: string,
  path: SourcePath,
): Freeze["when"] | null {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const wrong = Number.isNaN(begin) ? "from" : Number.isNaN(end) ? "to" : null;
  if (wrong !== null) {
    const message = `${wrong === "from" ? from : to} is no day of the calendar`;
    loading.report([...path, wrong], { code: "wrong-value", message, fix: "write one that is" });
    return null;
  }
  if (end > begin) return { kind: "between", from: begin, to: end };
  const message = `it ends at ${to}, and begins only at ${from}`;
  loading.report([...path, "to"], { code: "wrong-value", message, fix: "write a later end" });
  return null;
}

function weeklyOf(
  loading: Loading,
  text: string,
  zone: string,
  path: SourcePath,
): Freeze["when"] | null {
  const week = parseWeek(text);
  if (week === null) {
    const message = `\`${text}\` is no part of a week`;
    const fix = "write Fri 16:00 - Mon 08:00";
    loading.report([...path, "weekly"], { code: "wrong-value", message, fix });
  }
  if (!isZone(zone)) {
    const message = `there is no time zone ${zone}`;
    const fix = "write one like Europe/Berlin, or UTC";
    loading.report([...path, "zone"], { code: "wrong-value", message, fix });
    return null;
  }
  return week === null ? null : { kind: "weekly", text, ...week, zone };
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
