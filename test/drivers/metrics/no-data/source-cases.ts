import type { Sample } from "../../../../src/core/sample.ts";
import type { HttpSource } from "./http-cases.ts";

/** What may be wrong with an answer, in the order of the table's columns. */
export const SITUATIONS = {
  nothing: "nothing matches",
  zeroByZero: "0 / 0",
  byZero: "x / 0",
  several: "several series",
  errorInside: "an error inside a 200",
  partial: "a partial answer",
  dead: "the target died",
  hangs: "the source hangs",
  gone: "the source is gone",
  refused: "401, 429 or 500",
  other: "HTML, half a body, another shape",
} as const;

export type Situation = keyof typeof SITUATIONS;

/** One cell of the table in docs/metrics.md, with its proof. */
export interface SourceCase {
  readonly situation: Situation;
  /** What the source answers, in Markdown. */
  readonly says: string;
  readonly becomes: Sample["kind"];
  /** What is part of the reason that canary gives, `…` for anything; of a value, the value. */
  readonly why: string | number;
  readonly ask: () => Promise<Sample>;
}

/** What the page of metrics says about one source beside what its registration says already. */
export interface MetricNote {
  /** YAML of a connection called `source`, without its name. */
  readonly connection: string;
  /** YAML of metrics that ask it, and gates on them. A test lints all three. */
  readonly metrics: readonly string[];
  readonly gates: readonly string[];
  /** How its answers show their age, and what else a plan's author has to know. */
  readonly age: string;
  /** The least that the credentials must be able to do. */
  readonly rights: string;
  /** The tests that prove it, below `test/drivers/metrics`, and against what. */
  readonly proofs: readonly (readonly [test: string, against: string])[];
}

export interface SourceCases {
  /** The connection type. */
  readonly source: string;
  /** Why a situation has no cell: the source cannot get into it. */
  readonly never: Partial<Readonly<Record<Situation, string>>>;
  readonly cases: readonly SourceCase[];
  readonly note: MetricNote;
  /** How a source over HTTP is asked, for what holds for all of them. */
  readonly http?: HttpSource;
}
