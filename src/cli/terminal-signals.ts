import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import {
  processSignals,
  type SignalAnswer,
  type SignalPort,
  type SignalQuestion,
} from "../engine/signals.ts";
import { line } from "../report/line.ts";
import type { Renderer } from "../report/renderer.ts";

/** How long an answer is waited for, in milliseconds; then the rollout goes back. */
const PATIENCE = 10_000;

const ANSWERS: Readonly<Record<string, SignalAnswer>> = {
  r: "roll-back",
  d: "detach",
  c: "go-on",
};

export interface Terminal {
  /** Lines that the person types, without a mode of the terminal that a killed process would leave behind. */
  readonly input: NodeJS.ReadableStream;
  readonly patience: number;
}

/**
 * The signals of this process, and a question to the person at its terminal after a Ctrl-C. A SIGTERM or SIGHUP is never
 * asked about: it comes from a supervisor, or because the terminal is gone.
 */
export function terminalSignals(renderer: Renderer): SignalPort {
  return {
    ...processSignals,
    ask: (name, question) =>
      name === "SIGINT" && canAsk()
        ? askAtTerminal(renderer, question, { input: process.stdin, patience: PATIENCE })
        : null,
  };
}

/** Shows the choices and waits for one of their letters; null when the question was taken back. */
export async function askAtTerminal(
  renderer: Renderer,
  { guard, over }: SignalQuestion,
  { input, patience }: Terminal,
): Promise<SignalAnswer | null> {
  renderer.say(
    line("ask", `Ctrl-C: nothing new is started. What now? (a letter, then Enter)`, [
      `r  roll back now; so does no answer within ${patience / 1000} s`,
      guard() === null
        ? "d  is not possible yet: no guard watches. In another terminal: canary guard"
        : `d  detach: this process leaves, and the guard ${guard()}`,
      "c  go on; the soak of the stage starts again",
      "a second Ctrl-C leaves at once, with things as they are",
    ]),
  );
  const resumeLine = renderer.pause?.();
  const lines = createInterface({ input, terminal: false });
  const { promise, resolve } = Promise.withResolvers<SignalAnswer | null>();
  const timer = setTimeout(() => resolve("roll-back"), patience);
  const takenBack = (): void => resolve(null);
  over.addEventListener("abort", takenBack, { once: true });
  lines.on("line", (text) => {
    const answer = ANSWERS[text.trim().toLowerCase()];
    if (answer === "detach" && guard() === null)
      renderer.say(
        line("ask", "no guard watches: nobody would act on it. r rolls back, c goes on"),
      );
    else if (answer === undefined)
      renderer.say(line("ask", `${JSON.stringify(text.trim())} is none of r, d and c`));
    else resolve(answer);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    over.removeEventListener("abort", takenBack);
    lines.close();
    input.pause();
    resumeLine?.();
  }
}

/** A background job that reads from its terminal is stopped by it, and stopped is the last that a runner may be. */
function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY && isForeground();
}

/** The fields of /proc/self/stat behind the command name: state, parent, group, session, terminal, group in the foreground. */
function isForeground(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[2] === fields[5];
  } catch {
    return false;
  }
}
