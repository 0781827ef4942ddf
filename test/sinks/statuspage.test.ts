import { expect, test } from "vitest";

import type { Delivery, Receipt } from "../../src/sinks/sink.ts";
import { statuspage } from "../../src/sinks/statuspage.ts";
import { startFakeStatuspage } from "./support/fake-statuspage.ts";
import { notice, trySink } from "./support/try-sink.ts";

const token = "canary-statuspage-key";
const receiptOf = (delivery: Delivery): Receipt => delivery.receipt ?? {};

test("one incident is opened, changed and resolved, and subscribers are told only where asked", async () => {
  await using fake = await startFakeStatuspage(token);
  const config = { url: fake.url, token, page: "pg1", components: ["c1", "c2"] };
  const first = { status: "investigating", impact: "minor", component: "degraded_performance" };
  const opened = await trySink(statuspage, notice({ subject: "Slow", text: "we look" }), {
    config,
    options: first,
  });
  expect(opened).toEqual({ kind: "delivered", receipt: { incident: "inc1" } });
  expect(fake.incidents.get("inc1")).toEqual({
    name: "Slow",
    status: "investigating",
    body: "we look",
    deliver_notifications: false,
    impact_override: "minor",
    component_ids: ["c1", "c2"],
    components: { c1: "degraded_performance", c2: "degraded_performance" },
  });
  const over = await trySink(statuspage, notice({ subject: "Over" }), {
    config,
    options: { status: "resolved", component: "operational" },
    receipt: receiptOf(opened),
  });
  expect(over).toEqual({ kind: "delivered", receipt: {} });
  expect(fake.incidents.size).toBe(1);
  expect(fake.incidents.get("inc1")).toMatchObject({
    status: "resolved",
    components: { c1: "operational" },
  });
});

test("a line of `on` must say what the public page shows", () => {
  expect(statuspage.options?.safeParse({}).success).toBe(false);
  expect(statuspage.options?.safeParse({ status: "operational" }).success).toBe(false);
  expect(statuspage.options?.safeParse({ status: "monitoring" }).success).toBe(true);
  expect(statuspage.closes).toBeNull();
});

test("a wrong key is refused, and an overload of the old kind is waited for", async () => {
  await using fake = await startFakeStatuspage(token);
  const config = { url: fake.url, token, page: "pg1" };
  const options = { status: "monitoring" };
  const wrong = { ...config, token: "x" };
  expect(await trySink(statuspage, notice(), { config: wrong, options })).toMatchObject({
    kind: "refused",
  });
  fake.trouble({ status: 420 });
  expect(await trySink(statuspage, notice(), { config, options })).toMatchObject({ kind: "again" });
});
