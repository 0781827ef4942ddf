import { expect } from "vitest";

import { eventually } from "../../support/sandbox-client.ts";
import { expectBaseline, untilShare, worldForTest } from "./world.ts";

/** Something that breaks; `blind` where the measurements themselves do. */
export interface Fault {
  readonly name: string;
  readonly knobs: unknown;
  readonly blind?: true;
}

/** What breaks, and how the rollout must end: by a trigger or a gate where it is seen, by `maxBlind` where nothing is. */
export const FAULTS: readonly Fault[] = [
  { name: "error spike", knobs: { canary: { errorRate: 0.6 } } },
  { name: "latency spike", knobs: { canary: { latencyMs: 1500 } } },
  { name: "dead target", knobs: { deadTarget: true } },
  { name: "hanging metrics", knobs: { hangMetrics: true }, blind: true },
  { name: "metrics with an error inside a 200", knobs: { lieMetrics: "error" }, blind: true },
  { name: "metrics that are a page", knobs: { lieMetrics: "garbage" }, blind: true },
  { name: "metrics that are empty", knobs: { lieMetrics: "empty" }, blind: true },
  { name: "metrics that are NaN", knobs: { lieMetrics: "nan" }, blind: true },
  { name: "metrics that stand still", knobs: { staleMetrics: true }, blind: true },
  { name: "metrics that answer 503", knobs: { metricsStatus: 503 }, blind: true },
];

/** Breaks the world at a share: the rollout must end 30, with everything back. */
export async function rollsBack({ knobs }: Fault, share: number): Promise<void> {
  const world = await worldForTest();
  const start = world.start("fast.yaml", ["--set", "blind=3s"]);
  await untilShare(world, share);
  await world.knobs(knobs);
  // The world is healed once the values are back, so that the verification can see it.
  const healed = world.healWhenBack();
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(30);
  await healed;
  await expectBaseline(world);
}

/** Blind at 100 %: going back blindly could be worse, so it must hold and page until a person decides. */
export async function holdsUntilAborted({ knobs }: Fault): Promise<void> {
  const world = await worldForTest();
  // Long enough that a slow machine breaks the world before its last stage has passed.
  const start = world.start("fast.yaml", ["--set", "blind=2s", "--set", "soak=8s"]);
  await untilShare(world, 100);
  await world.knobs(knobs);
  const ended = start.exit.then(({ stdout, stderr }) => `ended: ${stdout}${stderr}`);
  const said = eventually(
    () => Promise.resolve(start.stdout() + start.stderr()),
    (text) => /blind at 100/iu.test(text),
  );
  expect(await Promise.race([said, ended])).not.toContain("ended: ");
  expect((await world.state()).traffic.canary).toBe(100);
  const healed = world.healWhenBack();
  const abort = await world.abort().exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  await healed;
  expect((await start.exit).code).toBe(31);
  await expectBaseline(world);
}
