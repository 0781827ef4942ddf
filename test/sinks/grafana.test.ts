import { expect, test } from "vitest";

import { grafana } from "../../src/sinks/grafana.ts";
import type { Delivery, Notice, Receipt } from "../../src/sinks/sink.ts";
import { startFakeGrafana } from "./support/fake-grafana.ts";
import { notice, ROLLOUT, trySink } from "./support/try-sink.ts";

const token = "glsa_canary";
const receiptOf = (delivery: Delivery): Receipt => delivery.receipt ?? {};
const pilot = { name: "pilot", share: 5, state: "running", began: 1_760_000_000_000 } as const;

function passed(more: Partial<Notice> = {}): Notice {
  const stage = { ...pilot, state: "passed" } as const;
  return notice({
    event: "stage-passed",
    subject: "pilot passed",
    stage,
    at: 1_760_000_900_000,
    ...more,
  });
}

test("a stage is a region from its beginning to its end, tagged by how it went", async () => {
  await using fake = await startFakeGrafana(token);
  const config = { url: fake.url, token, dashboard: "abc", panel: 4, tags: ["team:a"] };
  const begun = await trySink(grafana, notice({ event: "stage-started" }), { config });
  expect(begun).toEqual({ kind: "delivered", receipt: { open: "1", stage: "pilot" } });
  expect(fake.annotations.get(1)).toMatchObject({
    time: pilot.began,
    dashboardUID: "abc",
    panelId: 4,
    tags: expect.arrayContaining(["canary:running", "stage:pilot", `rollout:${ROLLOUT}`, "team:a"]),
  });
  expect(fake.annotations.get(1)).not.toHaveProperty("timeEnd");
  const ended = await trySink(grafana, passed(), { config, receipt: receiptOf(begun) });
  expect(ended).toEqual({ kind: "delivered", receipt: {} });
  expect(fake.annotations.size).toBe(1);
  expect(fake.annotations.get(1)).toMatchObject({
    time: pilot.began,
    timeEnd: 1_760_000_900_000,
    text: "pilot passed",
    tags: expect.arrayContaining(["canary:passed"]),
  });
  expect(fake.annotations.get(1)?.tags).not.toContain("canary:running");
});

test("a region that was made, and not journalled, is found again instead of made twice", async () => {
  await using fake = await startFakeGrafana(token);
  const config = { url: fake.url, token };
  await trySink(grafana, notice(), { config });
  const again = await trySink(grafana, notice(), { config });
  expect(again).toEqual({ kind: "delivered", receipt: { open: "1", stage: "pilot" } });
  expect(fake.annotations.size).toBe(1);
});

test("a stage whose beginning nobody was told of is a whole region at its end", async () => {
  await using fake = await startFakeGrafana(token);
  const config = { url: fake.url, token };
  await trySink(grafana, passed(), { config });
  expect(fake.annotations.get(1)).toMatchObject({ time: pilot.began, timeEnd: 1_760_000_900_000 });
});

test("the end of a rollout ends the region of a stage that was rolled back", async () => {
  await using fake = await startFakeGrafana(token);
  const config = { url: fake.url, token };
  const begun = await trySink(grafana, notice(), { config });
  const stage = { ...pilot, state: "rolled back" } as const;
  const over = passed({ event: "rolled-back", stage, isOver: true, isEnd: true });
  await trySink(grafana, over, { config, receipt: receiptOf(begun) });
  expect(fake.annotations.get(1)?.tags).toContain("canary:rolled-back");
});

test("everything else is a mark", async () => {
  await using fake = await startFakeGrafana(token);
  const config = { url: fake.url, token };
  const receipt = { open: "9", stage: "pilot" };
  const warned = notice({ event: "warned", subject: "slow", text: "p95 = 0.3" });
  expect(await trySink(grafana, warned, { config, receipt })).toEqual({ kind: "delivered" });
  expect(fake.annotations.get(1)).toMatchObject({ text: "slow\np95 = 0.3", time: warned.at });
  expect(fake.annotations.get(1)?.tags).toEqual(
    expect.arrayContaining(["canary", "canary:warned", "plan:checkout"]),
  );
});

test("where no line asks for it, nothing but an open region is touched", async () => {
  await using fake = await startFakeGrafana(token);
  const config = { url: fake.url, token };
  const over = passed({ event: "promoted", isOver: true, isEnd: true, asked: false });
  const receipt = { open: "9", stage: "another" };
  expect(await trySink(grafana, over, { config, receipt })).toEqual({ kind: "delivered" });
  expect(fake.asked).toEqual([]);
});

test("a region that somebody removed needs no end", async () => {
  await using fake = await startFakeGrafana(token);
  const config = { url: fake.url, token };
  const receipt = { open: "9", stage: "pilot" };
  expect(await trySink(grafana, passed(), { config, receipt })).toEqual({
    kind: "delivered",
    receipt: {},
  });
});

test("a wrong token is refused", async () => {
  await using fake = await startFakeGrafana(token);
  const config = { url: fake.url, token: "glsa_other" };
  expect(await trySink(grafana, notice(), { config })).toMatchObject({ kind: "refused" });
});
