import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";

import { webhook } from "../../src/sinks/webhook.ts";
import { startFakeApi, type Asked } from "./support/fake-api.ts";
import { notice, ROLLOUT, trySink } from "./support/try-sink.ts";

/** The example of the specification. */
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const receiver = () => startFakeApi(() => ({ status: 204 }));

function headersOf({ headers }: Asked): Record<string, string> {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  return Object.fromEntries(names.map((name) => [name, String(headers[name])]));
}

test("a message is signed so that the scheme's own library accepts it", async () => {
  await using fake = await receiver();
  const told = notice({ text: "größer als 0,3 🔵", event: "warned" });
  expect(await trySink(webhook, told, { config: { url: fake.url, secret } })).toEqual({
    kind: "delivered",
  });
  const [asked] = fake.asked;
  if (asked === undefined) throw new Error("nothing was sent");
  const verified = new Webhook(secret).verify(asked.body, headersOf(asked));
  expect(verified).toMatchObject({
    type: "rollout.warned",
    timestamp: new Date(told.at).toISOString(),
    data: { rollout: ROLLOUT, text: "größer als 0,3 🔵", stage: { name: "pilot", share: 5 } },
  });
});

test("a message that was changed on its way, or signed by somebody else, is not accepted", async () => {
  await using fake = await receiver();
  await trySink(webhook, notice(), { config: { url: fake.url, secret } });
  const [asked] = fake.asked;
  if (asked === undefined) throw new Error("nothing was sent");
  const changed = asked.body.replace("pilot", "pilut");
  expect(() => new Webhook(secret).verify(changed, headersOf(asked))).toThrow(/signature/u);
  const other = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  expect(() => new Webhook(other).verify(asked.body, headersOf(asked))).toThrow(/signature/u);
});

test("the id is that of the message at each try, and other messages have others", async () => {
  await using fake = await receiver();
  const config = { url: fake.url, secret };
  await trySink(webhook, notice({ key: "a/1.1/x" }), { config });
  await trySink(webhook, notice({ key: "a/1.1/x" }), { config });
  await trySink(webhook, notice({ key: "a/1.2/x" }), { config });
  const ids = fake.asked.map(({ headers }) => headers["webhook-id"]);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[2]).not.toBe(ids[0]);
  expect(ids[0]).not.toContain(".");
});

test("without a secret it is not signed, and a bearer token goes into its header", async () => {
  await using fake = await receiver();
  await trySink(webhook, notice(), { config: { url: fake.url, bearer: "tok" } });
  expect(fake.asked[0]?.headers["webhook-signature"]).toBeUndefined();
  expect(fake.asked[0]?.headers.authorization).toBe("Bearer tok");
});

test("a secret that is none is refused before anything is sent", async () => {
  await using fake = await receiver();
  const config = { url: fake.url, secret: "whsec_short" };
  expect(await trySink(webhook, notice(), { config })).toMatchObject({ kind: "refused" });
  expect(fake.asked).toEqual([]);
});
