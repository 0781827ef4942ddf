import { expect, test } from "vitest";

import { pagerduty } from "../../src/sinks/pagerduty.ts";
import type { Delivery, Receipt } from "../../src/sinks/sink.ts";
import { startFakePagerDuty } from "./support/fake-pagerduty.ts";
import { notice, ROLLOUT, trySink } from "./support/try-sink.ts";

const key = "canary-routing-key";
const incident = `canary/checkout/${ROLLOUT}`;
const receiptOf = (delivery: Delivery): Receipt => delivery.receipt ?? {};

test("steps are change events and page nobody", async () => {
  await using fake = await startFakePagerDuty(key);
  const config = { key, url: fake.url };
  for (const event of ["started", "stage-passed", "rolling-back", "promoted"] as const)
    await trySink(pagerduty, notice({ event, subject: event, isOver: event === "promoted" }), {
      config,
    });
  expect(fake.changes).toEqual(["started", "stage-passed", "rolling-back", "promoted"]);
  expect(fake.open.size).toBe(0);
});

test("an incident is opened when a person is needed, once for the rollout, and resolved when that is over", async () => {
  await using fake = await startFakePagerDuty(key);
  const config = { key, url: fake.url, severity: "error" };
  const held = notice({ event: "held", needsPerson: true, subject: "held", text: "why" });
  const opened = await trySink(pagerduty, held, { config });
  expect(opened).toEqual({ kind: "delivered", receipt: { open: incident, until: "resumed" } });
  await trySink(
    pagerduty,
    { ...held, event: "paged", key: "k2" },
    { config, receipt: receiptOf(opened) },
  );
  expect([...fake.open]).toEqual([[incident, "held"]]);
  expect(fake.asked[0]?.json).toMatchObject({
    event_action: "trigger",
    payload: {
      severity: "error",
      component: "checkout",
      custom_details: { text: "why", stage: "pilot" },
    },
    links: [{ href: "https://grafana.example/d/x", text: "dashboard" }],
  });
  const resumed = notice({ event: "resumed", isOver: true });
  const closed = await trySink(pagerduty, resumed, { config, receipt: receiptOf(opened) });
  expect(closed).toEqual({ kind: "delivered", receipt: {} });
  expect(fake.open.size).toBe(0);
});

test("a resolve that did not arrive is sent again, and its change event is not", async () => {
  await using fake = await startFakePagerDuty(key);
  const config = { key, url: fake.url };
  const held = notice({ event: "held", needsPerson: true });
  const opened = await trySink(pagerduty, held, { config });
  fake.trouble({ status: 202, body: "{}" }, { status: 500 });
  const resumed = notice({ event: "resumed", isOver: true });
  const failed = await trySink(pagerduty, resumed, { config, receipt: receiptOf(opened) });
  expect(failed).toMatchObject({ kind: "again", receipt: { open: incident } });
  await trySink(pagerduty, resumed, { config, receipt: receiptOf(failed) });
  expect(fake.open.size).toBe(0);
  expect(fake.asked.filter(({ path }) => path.includes("change")).length).toBe(1);
});

test("what a trigger paged for is not over because some hold is; it is when the rollout is", async () => {
  await using fake = await startFakePagerDuty(key);
  const config = { key, url: fake.url };
  const paged = notice({ event: "paged", needsPerson: true, subject: "paged" });
  const opened = await trySink(pagerduty, paged, { config });
  const held = notice({ event: "held", needsPerson: true, subject: "held", key: "k2" });
  const more = await trySink(pagerduty, held, { config, receipt: receiptOf(opened) });
  const resumed = notice({ event: "resumed", isOver: true, asked: false });
  const still = await trySink(pagerduty, resumed, { config, receipt: receiptOf(more) });
  expect(still).toEqual({ kind: "delivered" });
  expect(fake.open.size).toBe(1);
  // Nobody asked to be told of it.
  expect(fake.changes).toEqual([]);
  const over = notice({ event: "promoted", isOver: true, isEnd: true, asked: false });
  await trySink(pagerduty, over, { config, receipt: receiptOf(more) });
  expect(fake.open.size).toBe(0);
  expect(fake.changes).toEqual([]);
});

test("a wrong key is refused", async () => {
  await using fake = await startFakePagerDuty(key);
  const config = { key: "other", url: fake.url };
  expect(await trySink(pagerduty, notice(), { config })).toMatchObject({
    kind: "refused",
    why: expect.stringMatching(/^status 400: .*routing key/u),
  });
});

test("a long summary is cut to what PagerDuty takes", async () => {
  await using fake = await startFakePagerDuty(key);
  const told = notice({ subject: "x".repeat(3000) });
  expect(await trySink(pagerduty, told, { config: { key, url: fake.url } })).toMatchObject({
    kind: "delivered",
  });
});
