import type { WallTime } from "../../../core/units.ts";
import type { LineFinding } from "./line-reader.ts";

/** What the lines of a window add up to. */
export interface LineSums {
  /** All lines, also those that `where` leaves out: whether anything was written. */
  readonly lines: number;
  readonly counted: number;
  readonly part: number;
  readonly whole: number;
  /** How many numbers were found that are none. */
  readonly unreadable: number;
  readonly numbers: readonly number[];
  /** Whether numbers of this window were dropped, because there were too many. */
  readonly tooMany: boolean;
  readonly personal: number;
}

type Count = "lines" | "counted" | "part" | "whole" | "unreadable" | "personal";

interface Bucket extends Record<Count, number> {
  /** Newest time of its lines. */
  readonly at: WallTime;
  numbers: number[];
}

/** What lines said, by their time. */
export interface LineBuckets {
  readonly add: (at: WallTime, finding: LineFinding) => void;
  /** The sums of the lines after this time. */
  readonly since: (from: WallTime) => LineSums;
}

/** Beyond so many distinct times the older half is told apart only half as finely. */
const MAX_BUCKETS = 40_000;
/** Beyond so many numbers the older half is dropped, and windows that reach back to them are not answered. */
const MAX_NUMBERS = 1_000_000;
const COUNTS = ["lines", "counted", "part", "whole", "unreadable", "personal"] as const;

/** Bounded in size however long the rollout lasts and however much is logged. */
export function createBuckets(): LineBuckets {
  let buckets: Bucket[] = [];
  let kept = 0;
  let droppedTo: WallTime = -Infinity;

  function bucketAt(at: WallTime): Bucket {
    if (buckets.length >= MAX_BUCKETS) buckets = thinned(buckets);
    let index = buckets.length;
    // Lines of several writers are nearly in order.
    while (index > 0 && (buckets[index - 1]?.at ?? at) > at) index -= 1;
    const before = buckets[index - 1];
    if (before?.at === at) return before;
    const bucket = { ...EMPTY, at, numbers: [] };
    buckets.splice(index, 0, bucket);
    return bucket;
  }

  function keep(bucket: Bucket, number: number): void {
    bucket.numbers.push(number);
    kept += 1;
    if (kept <= MAX_NUMBERS) return;
    for (const oldest of buckets) {
      if (kept <= MAX_NUMBERS / 2) return;
      if (oldest.numbers.length > 0) droppedTo = oldest.at;
      kept -= oldest.numbers.length;
      oldest.numbers = [];
    }
  }

  return {
    add(at, { counts, part, whole, number, personal }) {
      const bucket = bucketAt(at);
      bucket.lines += 1;
      if (!counts) return;
      bucket.counted += 1;
      if (part) bucket.part += 1;
      if (whole) bucket.whole += 1;
      bucket.personal += personal.length;
      if (number === null) return;
      if (Number.isNaN(number)) bucket.unreadable += 1;
      else keep(bucket, number);
    },
    since: (from) => ({ ...sumsOf(buckets, from), tooMany: from < droppedTo }),
  };
}

const EMPTY = { lines: 0, counted: 0, part: 0, whole: 0, unreadable: 0, personal: 0 };

function sumsOf(buckets: readonly Bucket[], from: WallTime): Omit<LineSums, "tooMany"> {
  const sums = { ...EMPTY };
  const numbers: number[] = [];
  for (let index = buckets.length - 1; index >= 0; index -= 1) {
    const bucket = buckets[index];
    if (bucket === undefined || bucket.at <= from) break;
    for (const count of COUNTS) sums[count] += bucket[count];
    for (const number of bucket.numbers) numbers.push(number);
  }
  return { ...sums, numbers };
}

/** Joins neighbours of the older half. A joined bucket counts as its newest line: a window may then see a little more. */
function thinned(buckets: readonly Bucket[]): Bucket[] {
  const half = Math.floor(buckets.length / 4) * 2;
  const joined: Bucket[] = [];
  for (let index = 0; index < half; index += 2) {
    const [a, b] = [buckets[index], buckets[index + 1]];
    if (a === undefined || b === undefined) continue;
    const both: Bucket = { ...b, numbers: [...a.numbers, ...b.numbers] };
    for (const count of COUNTS) both[count] += a[count];
    joined.push(both);
  }
  return [...joined, ...buckets.slice(half)];
}
