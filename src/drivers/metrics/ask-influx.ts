import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { Json } from "../../core/units.ts";
import type { DriverContext } from "../driver.ts";
import { askJson } from "./ask-json.ts";
import { readValue } from "./read-answer.ts";
import { errorSample, type NoValue } from "./sample-of.ts";
import { firstWords, type SignIn } from "./source-request.ts";

export interface InfluxServer extends SignIn {
  readonly url: string;
  readonly database: string;
  readonly retention?: string | undefined;
}

const result = z.object({
  error: z.string().optional(),
  partial: z.boolean().optional(),
  series: z
    .array(
      z.object({
        name: z.string().optional(),
        tags: z.record(z.string(), z.string()).optional(),
        columns: z.array(z.string()),
        values: z.array(z.array(z.unknown())).optional(),
        partial: z.boolean().optional(),
      }),
    )
    .optional(),
});
const envelope = z.object({ error: z.string().optional(), results: z.array(result).optional() });

export interface InfluxRow {
  readonly kind: "row";
  readonly columns: readonly string[];
  readonly values: readonly Json[];
}

/** One row of one series; null where nothing matched. */
export async function askInflux(
  server: InfluxServer,
  query: string,
  what: string,
  context: DriverContext,
): Promise<InfluxRow | NoValue | null> {
  const params = new URLSearchParams({ db: server.database, epoch: "ms", q: query });
  if (server.retention !== undefined) params.set("rp", server.retention);
  const url = `${server.url.replace(/\/+$/u, "")}/query?${params.toString()}`;
  const answer = await askJson("influxdb", { url, method: "GET" }, server, context);
  if (answer.kind !== "json") return answer;
  const parsed = envelope.safeParse(answer.json);
  if (!parsed.success || (parsed.data.results ?? []).length === 0) {
    const words = firstWords(parsed.data?.error ?? JSON.stringify(answer.json));
    return errorSample(`this is no answer of an influxdb: ${words}`);
  }
  const [first, second] = parsed.data.results ?? [];
  if (second !== undefined) return errorSample(`${what} is several statements: write one`);
  if (first?.error !== undefined)
    return errorSample(`influxdb refused ${what}: ${firstWords(first.error)}`);
  return oneRow(first ?? {}, what);
}

function oneRow(
  { series = [], partial }: z.infer<typeof result>,
  what: string,
): InfluxRow | NoValue | null {
  if (partial === true || series.some((each) => each.partial === true))
    return errorSample("influxdb gave a partial answer");
  const [first, ...others] = series;
  if (first === undefined) return null;
  if (others.length > 0) {
    const tags = Object.keys(first.tags ?? {}).join(", ");
    const by = tags === "" ? "" : `, grouped by ${tags}`;
    return errorSample(`${what} gave ${series.length} series${by}: ask for one`);
  }
  const [row, ...more] = first.values ?? [];
  if (row === undefined) return null;
  if (more.length > 0)
    return errorSample(
      `${what} gave ${more.length + 1} rows: leave out \`GROUP BY time\`, or add \`ORDER BY time DESC LIMIT 1\``,
    );
  return { kind: "row", columns: first.columns, values: row as Json[] };
}

/** The value of a row: of its one column beside the time. */
export function valueOfRow({ columns, values }: InfluxRow, what: string): Sample {
  const named = columns.flatMap((name, index) =>
    name === "time" ? [] : [{ name, value: values[index] ?? null }],
  );
  const [one, second] = named;
  if (one === undefined) return errorSample(`${what} gave no column`);
  if (second !== undefined) {
    const names = named.map(({ name }) => name).join(", ");
    return errorSample(`${what} gave ${named.length} columns, ${names}: ask for one`);
  }
  return readValue(one.value, what);
}
