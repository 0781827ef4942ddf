import { expect, test } from "vitest";

import { slack } from "../../src/sinks/slack.ts";
import { inside, json } from "./support/fake-api.ts";
import { startFakeSlack } from "./support/fake-slack.ts";
import { notice, trySink } from "./support/try-sink.ts";

const token = "xoxb-canary-token";
const configOf = (url: string) => ({ token, channel: "#deploys", api: `${url}/api` });

test("one living message shows the rollout, and what happens goes into its thread", async () => {
  await using fake = await startFakeSlack(token);
  const config = configOf(fake.url);
  const first = await trySink(slack, notice({ event: "started" }), { config });
  expect(first).toMatchObject({ kind: "delivered", receipt: { channel: "C024BE91L" } });
  const receipt = first.kind === "delivered" ? (first.receipt ?? {}) : {};
  const passed = notice({ event: "stage-passed", subject: "checkout: stage pilot passed" });
  expect(await trySink(slack, passed, { config, receipt })).toMatchObject({ kind: "delivered" });
  const [living, reply] = [...fake.messages.values()];
  expect(fake.messages.size).toBe(2);
  expect(living).toEqual({ text: "🔵 checkout: stage pilot passed", thread: null });
  expect(reply).toEqual({ text: "🔵 checkout: stage pilot passed", thread: receipt["ts"] });
  const shown = JSON.stringify(fake.asked[0]?.json["blocks"]);
  expect(shown).toContain("pilot 5 % — running");
  expect(shown).toContain("full 100 % — to come");
  expect(shown).toContain("<https://grafana.example/d/x|dashboard>");
  expect(shown).not.toContain("RUNBOOK");
});

test("who is needed is told in the channel too", async () => {
  await using fake = await startFakeSlack(token);
  const config = configOf(fake.url);
  const first = await trySink(slack, notice(), { config });
  const receipt = first.kind === "delivered" ? (first.receipt ?? {}) : {};
  const held = notice({ event: "held", needsPerson: true, tone: "warn" });
  await trySink(slack, held, { config, receipt });
  expect(fake.asked.at(-1)?.json).toMatchObject({ reply_broadcast: true });
});

test("a living message that is gone is written anew", async () => {
  await using fake = await startFakeSlack(token);
  const config = configOf(fake.url);
  const gone = { channel: "C024BE91L", ts: "1.2" };
  const again = await trySink(slack, notice(), { config, receipt: gone });
  expect(again).toMatchObject({
    kind: "delivered",
    receipt: { ts: expect.not.stringMatching(/^1\.2$/u) },
  });
  expect(fake.messages.size).toBe(1);
});

test("what a target said cannot call a whole channel", async () => {
  await using fake = await startFakeSlack(token);
  const text = "log said <!channel> & <https://evil|click>";
  await trySink(slack, notice({ text }), { config: configOf(fake.url) });
  const sent = fake.asked[0]?.body ?? "";
  expect(sent).toContain("&lt;!channel&gt; &amp; &lt;https://evil|click&gt;");
  expect(sent).not.toContain("<!channel>");
});

test("long texts stay within Slack's bounds", async () => {
  await using fake = await startFakeSlack(token);
  const long = notice({ subject: "x".repeat(5000), text: "y🔵".repeat(5000) });
  expect(await trySink(slack, long, { config: configOf(fake.url) })).toMatchObject({
    kind: "delivered",
  });
  expect(fake.asked[0]?.body).not.toContain("\\ud83d…");
});

test.each([
  ["a wrong token", { token: "xoxb-other" }, "invalid_auth"],
  ["a channel that does not exist", { channel: "#nowhere" }, "channel_not_found"],
])("%s is refused, although the status is 200", async (_, more, why) => {
  await using fake = await startFakeSlack(token);
  const config = { ...configOf(fake.url), ...more };
  expect(await trySink(slack, notice(), { config })).toEqual({ kind: "refused", why });
});

test("a rate limit is waited for, as it asks", async () => {
  await using fake = await startFakeSlack(token);
  const limit = { ...json(429, { ok: false, error: "ratelimited" }) };
  fake.trouble(
    { ...limit, headers: { "retry-after": "7" } },
    json(200, { ok: false, error: "ratelimited" }),
  );
  const config = configOf(fake.url);
  expect(await trySink(slack, notice(), { config })).toMatchObject({ kind: "again", after: 7000 });
  expect(await trySink(slack, notice(), { config })).toMatchObject({ kind: "again", after: null });
  expect(await trySink(slack, notice(), { config })).toMatchObject({ kind: "delivered" });
});

test("a second try after the message was changed does not change it again", async () => {
  await using fake = await startFakeSlack(token);
  const config = configOf(fake.url);
  const first = await trySink(slack, notice({ event: "started" }), { config });
  const receipt = first.kind === "delivered" ? (first.receipt ?? {}) : {};
  const passed = notice({ event: "stage-passed" });
  const changed = { status: 200, body: JSON.stringify({ ok: true, ts: receipt["ts"] ?? "" }) };
  fake.trouble(changed, { status: 503 });
  const failed = await trySink(slack, passed, { config, receipt });
  expect(failed).toMatchObject({ kind: "again", receipt: { shown: passed.key } });
  const kept = failed.kind === "again" ? (failed.receipt ?? {}) : {};
  await trySink(slack, passed, { config, receipt: kept });
  expect(fake.asked.filter(({ path }) => path.endsWith("chat.update")).length).toBe(1);
});

test("an incoming webhook gets a message for each event", async () => {
  await using fake = await startFakeSlack(token);
  const config = { url: `${fake.url}/services/T0/B0/hook` };
  const told = notice({ text: "why" });
  expect(await trySink(slack, told, { config })).toEqual({ kind: "delivered" });
  expect(inside(fake.asked[0]?.json)["text"]).toBe("🔵 checkout: stage pilot began, 5 %\nwhy");
});

test.each([
  [{ token: "x" }, "channel"],
  [{ url: "x", channel: "#a" }, "channel"],
  [{}, "token"],
  [{ url: "x", token: "y", channel: "#a" }, "token"],
])("the config %j is wrong", (config, says) => {
  const parsed = slack.config.safeParse(config);
  expect(parsed.success).toBe(false);
  expect(JSON.stringify(parsed.error?.issues)).toContain(says);
});
