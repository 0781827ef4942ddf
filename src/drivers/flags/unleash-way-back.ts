import type { Change, Field } from "../../core/field.ts";
import type { Millis } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext, Failure, Reading } from "../driver.ts";
import type { WayBack } from "../lazy-driver.ts";
import { jsonOf, type FlagReply } from "./ask-flag-api.ts";
import { parseShareText } from "./share-text.ts";
import {
  askUnleash,
  fetchFlag,
  pathOf,
  toStrategy,
  unleashRefOf,
  type FlagEnvironment,
  type Strategy,
  type UnleashRef,
} from "./unleash-api.ts";
import { FLEXIBLE, ownStrategy, switchOnProblem, titleOf, valueOfFlag } from "./unleash-state.ts";

/** How long what stands before the switch-off may take, so that there is time left for that. */
const BEFORE_KILL: Millis = 5000;

/** How flags in Unleash are read and written back, without the schemas of a plan. */
export const unleashWayBack: WayBack = {
  read: readUnleash,
  write: writeUnleash,
  settle: () => Promise.resolve(ok(null)),
  call: () => Promise.resolve(failed("a flag is not called, it is set")),
};

async function readUnleash(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const flags = new Map<string, FlagEnvironment>();
  const readings: Reading[] = [];
  for (const field of fields) {
    const ref = unleashRefOf(field);
    const id = `${ref.url}${pathOf(ref)}`;
    const known = flags.get(id);
    const flag = known === undefined ? await fetchFlag(ref, context) : ok(known);
    if (flag.kind !== "ok") return flag;
    flags.set(id, flag.value);
    readings.push({ field, value: valueOfFlag(flag.value, ref, context), mark: null });
  }
  return ok(readings);
}

async function writeUnleash(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  let done = 0;
  for (const change of changes) {
    const answer = await writeOne(change, context);
    if (answer.kind !== "ok") return done > 0 ? unknown(answer.why) : answer;
    done += 1;
  }
  return ok(null);
}

async function writeOne({ field, value }: Change, context: DriverContext): Promise<Answer<null>> {
  const ref = unleashRefOf(field);
  if (ref.part === "enabled") {
    if (!value.present || typeof value.value !== "boolean")
      return failed(`${field.label} is on or off, and not ${JSON.stringify(value)}`);
    return value.value ? await switchOn(ref, context) : await switchFlag(ref, "off", context);
  }
  if (!value.present) return await remove(ref, context);
  const wanted = parseShareText(value);
  if (wanted === null || !Number.isInteger(wanted.share))
    return failed(`${field.label} cannot be set to ${JSON.stringify(value.value)}`);
  const rollout = String(wanted.share);
  if (!wanted.on)
    return await both(switchFlag(ref, "off", context), () => setRollout(ref, rollout, context));
  const set = await setRollout(ref, rollout, context);
  if (set.kind === "ok") return await turnOn(ref, set.value, context);
  // Nobody is what was asked for: where the exact way fails, the switch serves nobody too.
  if (wanted.share > 0) return set;
  const killed = await switchFlag(ref, "off", context);
  return {
    ...set,
    why:
      killed.kind === "ok"
        ? `${set.why}; it is switched off instead`
        : `${set.why}; then ${killed.why}`,
  };
}

/** `on` comes after the share and only where the strategy is in force: without one Unleash adds another that serves everyone. */
async function turnOn(
  ref: UnleashRef,
  strategy: Strategy,
  context: DriverContext,
): Promise<Answer<null>> {
  return strategy.disabled
    ? unknown(`the strategy of flag ${ref.flag} was disabled by someone else: enable it`)
    : await switchFlag(ref, "on", context);
}

async function switchOn(ref: UnleashRef, context: DriverContext): Promise<Answer<null>> {
  const flag = await fetchFlag(ref, context);
  if (flag.kind !== "ok") return flag;
  const problem = switchOnProblem(flag.value, ref, true);
  return problem === null ? await switchFlag(ref, "on", context) : failed(problem);
}

async function switchFlag(
  ref: UnleashRef,
  to: "on" | "off",
  context: DriverContext,
): Promise<Answer<null>> {
  const reply = await askUnleash(ref, { method: "POST", below: `/${to}` }, context);
  if (reply.kind !== "ok") return reply;
  return reply.value.body.trim() === ""
    ? ok(null)
    : unknown(`POST ${pathOf(ref)}/${to} answered ${reply.value.status} with a page of its own`);
}

/**
 * Sets the rollout of the strategy and nothing else of it. Where the flag can be read, the write names the value it
 * replaces, so that one that comes late is refused by the server; where it cannot, it is written all the same.
 */
async function setRollout(
  ref: UnleashRef,
  rollout: string,
  context: DriverContext,
): Promise<Answer<Strategy>> {
  const flag = await fetchFlag(ref, context, BEFORE_KILL);
  if (context.signal.aborted) return unknown(`setting flag ${ref.flag} was interrupted`);
  const own = flag.kind === "ok" ? ownStrategy(flag.value, ref, context) : null;
  const id = own?.id ?? ref.strategy;
  if (flag.kind === "ok" && own === null) {
    if (ref.strategy !== null)
      return failed(`flag ${ref.flag} lost its strategy ${ref.strategy} in ${ref.environment}`);
    return await create(ref, rollout, context);
  }
  if (id === null) return flag.kind === "ok" ? failed(`flag ${ref.flag} has no strategy`) : flag;
  const test =
    own?.rollout == null ? [] : [{ op: "test", path: "/parameters/rollout", value: own.rollout }];
  const body = [...test, { op: "replace", path: "/parameters/rollout", value: rollout }];
  const below = `/strategies/${encodeURIComponent(id)}`;
  const reply = await askUnleash(
    ref,
    { method: "PATCH", below, body, explain: moved, timeout: 2 * BEFORE_KILL },
    context,
  );
  return strategyIn(reply, `PATCH ${pathOf(ref)}${below}`, rollout);
}

async function create(
  ref: UnleashRef,
  rollout: string,
  context: DriverContext,
): Promise<Answer<Strategy>> {
  const body = {
    name: FLEXIBLE,
    title: titleOf(context),
    parameters: { rollout, stickiness: "default", groupId: ref.flag },
  };
  const reply = await askUnleash(ref, { method: "POST", below: "/strategies", body }, context);
  return strategyIn(reply, `POST ${pathOf(ref)}/strategies`, rollout);
}

/** Absent again: off first, which needs no reading, then without the strategy that was made. */
async function remove(ref: UnleashRef, context: DriverContext): Promise<Answer<null>> {
  return await both(switchFlag(ref, "off", context), async () => {
    const flag = await fetchFlag(ref, context);
    if (flag.kind !== "ok") return unknown(`it is off, but ${flag.why}`);
    const own = ownStrategy(flag.value, ref, context);
    if (own === null) return ok(null);
    const below = `/strategies/${encodeURIComponent(own.id)}`;
    return await askUnleash(ref, { method: "DELETE", below }, context);
  });
}

/** A success says what it made of the strategy: a page of someone else under a 200 does not. */
function strategyIn(reply: Answer<FlagReply>, asked: string, rollout: string): Answer<Strategy> {
  if (reply.kind !== "ok") return reply;
  const json = jsonOf(asked, reply.value);
  if (json.kind !== "ok") return json;
  const strategy = toStrategy(json.value);
  return strategy?.rollout === rollout
    ? ok(strategy)
    : unknown(`${asked} answered something else than the strategy with rollout ${rollout}`);
}

/** Unleash answers a failed `test` with 500 and changes nothing. */
function moved(status: number, words: string): Failure | null {
  return status === 500 && /TEST_OPERATION_FAILED|test operation failed/i.test(words)
    ? { kind: "refused", why: "someone else changed the rollout between reading and writing it" }
    : null;
}

/** The second is done whatever became of the first: half of the way back is better than none. */
async function both(
  first: Promise<Answer<null>>,
  second: () => Promise<Answer<unknown>>,
): Promise<Answer<null>> {
  const one = await first;
  const two = await second();
  if (one.kind === "ok") return two.kind === "ok" ? ok(null) : unknown(two.why);
  if (two.kind === "ok")
    return { kind: one.kind === "approval" ? "approval" : "unknown", why: one.why };
  const kind = one.kind === two.kind ? one.kind : "unknown";
  return { kind, why: `${one.why}; then ${two.why}` };
}
