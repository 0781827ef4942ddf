import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import type { Event } from "../../core/event.ts";
import type { Ended, Handed } from "../../serve/ports.ts";
import { stateDir } from "../../store/state-dir.ts";
import { chosenStore } from "../stores/chosen-store.ts";

/** How long an answer waits for the claim, in milliseconds. The abort itself has no such bound. */
const CLAIM_WITHIN = 10_000;

/** How much of what the abort said last is kept, in characters. */
const SAID = 2000;

export interface AbortOrder {
  readonly rollout: string;
  readonly reason: string;
  readonly by: string;
  readonly evidence: string | undefined;
}

/**
 * Runs `canary abort` in a process of its own, the very takeover that a person would run: it has its own claim, and it goes
 * on when the server is stopped or killed. No shell, and each value in one word with its option, so none is an option.
 */
export async function handAbort(order: AbortOrder): Promise<Handed> {
  const { rollout, reason, by } = order;
  const evidence = (await isIndexed(rollout)) ? undefined : order.evidence;
  const child = spawn(
    process.execPath,
    [
      process.argv[1] ?? "canary",
      ...["abort", rollout, `--reason=${reason}`, `--by=${by}`, "--output=ndjson"],
      ...(evidence === undefined ? [] : [`--evidence=${evidence}`]),
    ],
    { detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...storeOf() } },
  );
  let said = "";
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (said = (said + text).slice(-SAID)));
  const ended = new Promise<Ended>((resolve) => {
    child.on("error", (error) => resolve({ exit: null, said: error.message }));
    child.on("close", (code) => resolve({ exit: code, said: said.trim() }));
  });
  const claimed = new Promise<"claimed">((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (kindOf(line) === "claimed") resolve("claimed");
    });
  });
  return Promise.race([
    claimed.then(() => ({ kind: "claimed", ended }) as const),
    ended.then((end) => ({ kind: "ended", ...end }) as const),
    sleep(CLAIM_WITHIN, { kind: "pending", ended } as const, { ref: false }),
  ]);
}

/** Whether this machine knows where its evidence is: also what was copied from a store that is silent now. */
async function isIndexed(rollout: string): Promise<boolean> {
  const { knownRollouts } = await import("../../store/rollout-index.ts");
  const known = await knownRollouts(stateDir()).catch(() => []);
  return known.some(({ id }) => id === rollout);
}

/** The store of the server, in the environment: a password must not stand in a list of processes. */
function storeOf(): Readonly<Record<string, string>> {
  const chosen = chosenStore();
  if (chosen === null) return {};
  const { address, text } = chosen;
  const password = address.kind === "postgres" ? address.password : null;
  return { CANARY_STORE: text, ...(password === null ? {} : { PGPASSWORD: password }) };
}

function kindOf(line: string): string | null {
  try {
    return (JSON.parse(line) as { readonly event?: Event }).event?.kind ?? null;
  } catch {
    return null;
  }
}
