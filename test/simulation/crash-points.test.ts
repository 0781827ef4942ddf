import { expect, test } from "vitest";

import type { Outcome } from "../../src/engine/ports.ts";
import { crash, type Crash, type Crashed } from "./crash.ts";
import { rules } from "./rules.ts";

const BASELINE = { image: "v1", replicas: 1, schema: "old", weight: 0 };
const PROMOTED = { image: "v2", replicas: 3, schema: "old", weight: 100 };

/** No process of these asks this often: the enumeration has come to its end before. */
const LAST = 2000;

/** Rules about the long soaks of the random plans, and about runs that a person always ends. */
const NOT_HERE = /^promoted means|^a rollout that began/u;

function valuesOf({ targets }: Crashed): Readonly<Record<string, unknown>> {
  const values = [...targets.values].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    values.map(([key, value]) => [key, value.present ? value.value : null]),
  );
}

/** How the one who came last left; null where there was nothing to come to. */
function lastOf({ left, rollout }: Crashed): Outcome | Error | null {
  return rollout === "" ? null : (left.at(-1)?.outcome ?? null);
}

/** Somebody dies at every point in turn; gives how many there are. What is found there is told with its point. */
async function everyPoint(
  point: Omit<Crash, "at">,
  wrong: (crashed: Crashed) => string | null,
): Promise<number> {
  for (let at = 2; at < LAST; at += 1) {
    const crashed = await crash({ ...point, at });
    if (!crashed.died) return at - 2;
    const broken = rules
      .filter(({ name }) => !NOT_HERE.test(name))
      .map((rule) => [rule.name, rule.broken(crashed)] as const)
      .find(([, how]) => how !== null);
    const how = broken === undefined ? wrong(crashed) : broken.join(": ");
    if (how !== null) throw new Error(`point ${at}: ${how}\n${crashed.log.join("\n")}`);
  }
  throw new Error(`more than ${LAST} points`);
}

/** What is there must be as it was or as it should be, whole, and the last process must say which. */
function half(crashed: Crashed, allowed: readonly number[]): string | null {
  const values = JSON.stringify(valuesOf(crashed));
  const last = lastOf(crashed);
  // Nobody had claimed anything yet, and nothing had been written.
  if (last === null || last instanceof Error)
    return crashed.targets.landed.length === 0 && values === JSON.stringify(BASELINE)
      ? null
      : `${last?.message ?? "no rollout"}: ${values}`;
  if (last.kind === "needs-consent")
    return values === JSON.stringify(PROMOTED) ? null : `promoted: ${values}`;
  const expected = last.exit === 0 ? PROMOTED : BASELINE;
  if (!allowed.includes(last.exit)) return `exit ${last.exit}`;
  return values === JSON.stringify(expected) ? null : `exit ${last.exit}: ${values}`;
}

const WORLDS = [
  { fenced: true, lands: true },
  { fenced: true, lands: false },
  { fenced: false, lands: true },
  { fenced: false, lands: false },
];

test.each(WORLDS)(
  "a runner that dies at any point is brought back by an abort: 31 (fence $fenced, late write $lands)",
  async (world) => {
    const points = await everyPoint(
      { ...world, who: "runner", abortAt: 0, next: "abort" },
      (crashed) => half(crashed, [31]),
    );
    expect(points).toBeGreaterThan(80);
  },
  300_000,
);

test.each([WORLDS[0], WORLDS[3]].flatMap((world) => world ?? []))(
  "a runner that dies at any point is run on by a resume: promoted (fence $fenced, late write $lands)",
  async (world) => {
    const points = await everyPoint(
      { ...world, who: "runner", abortAt: 0, next: "resume" },
      (crashed) => half(crashed, [0]),
    );
    expect(points).toBeGreaterThan(80);
  },
  300_000,
);

test.each([
  { fenced: true, abortAt: 90 },
  { fenced: false, abortAt: 120 },
])(
  "an abort that dies at any point is finished by the next: 31; a resume goes on only where it had claimed nothing (fence $fenced)",
  async ({ fenced, abortAt }) => {
    const point = { fenced, abortAt, lands: true, who: "abort" } as const;
    const points = await everyPoint({ ...point, next: "abort" }, (crashed) => half(crashed, [31]));
    expect(points).toBeGreaterThan(40);
    const resumed = new Set<number>();
    await everyPoint({ ...point, next: "resume" }, (crashed) => {
      const last = lastOf(crashed);
      if (last !== null && !(last instanceof Error)) resumed.add(last.exit);
      return half(crashed, isAborted(crashed) ? [31] : [0]);
    });
    expect(resumed).toEqual(new Set([0, 31]));
  },
  300_000,
);

/** An abort is accepted when its claim is synced, and is sticky. */
function isAborted({ epochs }: Crashed): boolean {
  return epochs.some(({ epoch, lines }) => epoch === 2 && lines[0]?.includes('"mode":"rollback"'));
}
