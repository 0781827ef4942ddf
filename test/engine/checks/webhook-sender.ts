/**
 * A small webhook sender, run as `node sender.cjs URL LOG STATE [COUNT]`: three attempts with waits of 0 and 1000 ms after
 * a 5xx, none after a 4xx, and a breaker that opens after two failed deliveries and lets one through after 1500 ms.
 */
export const WEBHOOK_SENDER = `
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
const { createHmac, randomUUID } = require("node:crypto");
const [url, log, stateFile, count = "1"] = process.argv.slice(2);
const WAITS = [0, 1000];
const say = (text) => appendFileSync(log, new Date().toISOString() + " " + text + "\\n");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const load = () => { try { return JSON.parse(readFileSync(stateFile, "utf8")); } catch { return { fails: 0, openedAt: 0 }; } };
const save = (state) => writeFileSync(stateFile, JSON.stringify(state));

async function post() {
  const body = JSON.stringify({ event: "payment_verified", data: { status: "verified", amount: "50.00" } });
  const headers = {
    "content-type": "application/json",
    "x-webhook-id": randomUUID(),
    "x-webhook-event": "payment_verified",
    "x-webhook-signature": createHmac("sha256", "whsec").update(body).digest("hex"),
  };
  return (await fetch(url, { method: "POST", headers, body })).status;
}

async function deliver() {
  const state = load();
  if (state.fails >= 2) {
    if (Date.now() - state.openedAt < 1500) return say("delivery blocked: circuit breaker is OPEN");
    say("Circuit breaker HALF_OPEN");
  }
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    say("Attempting webhook delivery: attempt " + attempt + "/3");
    const status = await post();
    if (status < 300) {
      if (state.fails >= 2) say("Circuit breaker CLOSED");
      save({ fails: 0, openedAt: 0 });
      return say("delivered successfully: event=payment_verified, status=" + status);
    }
    if (status < 500) say("status=" + status + ", client error (no retry)");
    if (status < 500) return say("aborted: 4xx_error");
    if (attempt < 3) {
      say("status=" + status + ", retrying in " + WAITS[attempt - 1] + "ms");
      await sleep(WAITS[attempt - 1]);
    }
  }
  const fails = state.fails + 1;
  save({ fails, openedAt: Date.now() });
  say("failure recorded: " + fails + "/2");
  if (fails === 2) say("Circuit breaker OPENED: 2 failures");
}

(async () => { for (let n = 0; n < Number(count); n += 1) await deliver(); })();
`;
