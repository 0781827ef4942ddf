import { setTimeout as sleep } from "node:timers/promises";

import type { AuditEvent, Caller } from "./audit-event.ts";
import type { Recorded } from "./open-audit.ts";
import type { Ended, ServePorts } from "./ports.ts";
import type { Order } from "./read-order.ts";
import { refuse, type Refusal } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Token } from "./token.ts";

/** How long the record of an accepted abort may keep it: a disk that hangs must not. In milliseconds. */
const RECORD_WITHIN = 1000;

/**
 * Aborts the rollout that an order means. The token is spent before anything is awaited that another request could
 * overtake, the record is written next, and whether or not that succeeds, the abort is begun.
 */
export async function abortRollout(
  ports: ServePorts,
  order: Order,
  token: Token,
  caller: Caller,
): Promise<Reply | Refusal> {
  const chosen = await choose(ports, order);
  if (chosen.kind === "refused") return chosen;
  const { rollout } = chosen;
  const spent = ports.spent.find(token.id);
  if (spent !== null && !(spent.unsure && spent.rollout === rollout)) return used(spent.rollout);
  const accepted: AuditEvent = {
    kind: "abort-accepted",
    rollout,
    reason: order.reason,
    operator: token.person,
    token: token.id,
    caller,
  };
  ports.spent.apply(accepted);
  const audit = await recordInTime(ports, accepted, token.person);
  const said = audit === null ? "" : ` (audit ${audit.seq}, ${audit.hash.slice(0, 16)})`;
  const handed = await ports.rollouts
    .abort(rollout, `${order.reason}${said}`, token.person)
    .catch((error: unknown) => ({ kind: "ended" as const, exit: null, said: String(error) }));
  if (handed.kind === "ended") {
    await end(ports, rollout, token, handed);
    return atOnce(rollout, handed, audit);
  }
  if (handed.kind === "claimed")
    await recordInTime(ports, { kind: "abort-claimed", rollout, token: token.id }, token.person);
  void handed.ended.then((ended) => end(ports, rollout, token, ended));
  const text =
    handed.kind === "claimed"
      ? "the rollout is taken over: from here on it can only go back"
      : "the abort runs, and has not taken the rollout over yet: look at its status";
  return { status: 202, body: { aborting: rollout, text, ...pointers(rollout, audit) } };
}

/** A token that was used: what it stopped is named, so that whoever lost the answer to the first request knows. */
export function used(rollout: string): Refusal {
  return refuse(409, "used-token", `this token has stopped rollout ${rollout}: it stops no other`, {
    rollout,
    status: statusPath(rollout),
  });
}

async function choose(
  { rollouts }: ServePorts,
  { rollout, version }: Order,
): Promise<{ readonly kind: "chosen"; readonly rollout: string } | Refusal> {
  // Named by its id it needs no list: neither what is known of it nor the folder has to be readable.
  if (rollout !== null && version === null) return { kind: "chosen", rollout };
  const active = await rollouts.active().catch(() => null);
  if (active === null)
    return refuse(503, "no-rollout", 'the rollouts can not be listed now: name one as "rollout"');
  const fitting = active.filter(
    (each) =>
      (rollout === null || each.id === rollout) && (version === null || each.version === version),
  );
  const [only] = fitting;
  const what = version === null ? "" : ` of version ${version}`;
  if (only === undefined)
    return refuse(404, "no-rollout", `no rollout${what} is active: there is nothing to abort`, {
      active,
    });
  if (fitting.length > 1)
    return refuse(
      409,
      "several-rollouts",
      `${fitting.length} rollouts${what} are active: name one as "rollout"`,
      { active: fitting },
    );
  return { kind: "chosen", rollout: only.id };
}

/** Null, and loud, when it could not be written in time: an abort does not depend on it. */
async function recordInTime(
  ports: ServePorts,
  event: AuditEvent,
  by: string,
): Promise<Recorded | null> {
  const recorded = ports.record(event, by).catch((error: unknown) => {
    ports.say(`NOT RECORDED: ${event.kind}: ${String(error)}`);
    return null;
  });
  return Promise.race([recorded, sleep(RECORD_WITHIN, null, { ref: false })]);
}

async function end(
  ports: ServePorts,
  rollout: string,
  token: Token,
  { exit, said }: Ended,
): Promise<void> {
  const event: AuditEvent = { kind: "abort-ended", rollout, token: token.id, exit, said };
  ports.spent.apply(event);
  ports.say(`abort of ${rollout} ended with exit ${exit ?? "unknown"}`);
  await recordInTime(ports, event, token.person);
}

/** It was over before its claim was seen: done already, or not done at all. */
function atOnce(rollout: string, { exit, said }: Ended, audit: Recorded | null): Reply | Refusal {
  const more = { rollout, exit, said, ...pointers(rollout, audit) };
  if (exit === 31) return { status: 200, body: { aborted: rollout, ...more } };
  return refuse(
    502,
    "not-aborted",
    `NOT ABORTED: canary abort ended with exit ${exit ?? "unknown"}`,
    more,
  );
}

function pointers(rollout: string, audit: Recorded | null): Readonly<Record<string, unknown>> {
  return { status: statusPath(rollout), audit: audit ?? "NOT RECORDED" };
}

function statusPath(rollout: string): string {
  return `/ops/canary/status?rollout=${rollout}`;
}
