import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import type { Event } from "../../core/event.ts";
import type { Ended, Handed } from "../../serve/ports.ts";

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
export function handAbort({ rollout, reason, by, evidence }: AbortOrder): Promise<Handed> {
  const child = spawn(
    process.execPath,
    [
      process.argv[1] ?? "canary",
      ...["abort", rollout, `--reason=${reason}`, `--by=${by}`, "--output=ndjson"],
      ...(evidence === undefined ? [] : [`--evidence=${evidence}`]),
    ],
    { detached: true, stdio: ["ignore", "pipe", "pipe"] },
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

function kindOf(line: string): string | null {
  try {
    return (JSON.parse(line) as { readonly event?: Event }).event?.kind ?? null;
  } catch {
    return null;
  }
}
