import type { Note } from "../core/event.ts";
import type { Outcome } from "../core/sample.ts";
import { describeHold } from "./describe-hold.ts";
import { describeTrigger } from "./describe-trigger.ts";
import { formatDuration } from "./format-duration.ts";
import { detail, line, type Line } from "./line.ts";
import { command, type Scene } from "./scene.ts";

/** What the machine decided, in words. */
export function describeNote(note: Note, scene: Scene): Line {
  switch (note.kind) {
    case "started":
    case "capture-taken":
      return detail(note.kind === "started" ? "the rollout begins" : `writes ${note.path}`);
    case "stage-started":
    case "stage-passed":
      return aboutStage(note, scene);
    case "soak-started":
      return line("info", `soaking for ${formatDuration(note.soak)}: every gate has to stay green`);
    case "soak-restarted":
      return line("warn", `the soak of ${note.stage} starts again: ${note.why}`);
    case "detached":
    case "signalled":
      return signalled(note);
    case "gate-judged":
    case "compared":
      return judged(note);
    case "triggered":
    case "warned":
    case "paged":
      return describeTrigger(note, scene);
    case "held":
      return describeHold(note.hold, scene);
    case "resumed":
      return line("info", note.by === "canary" ? "the hold is over" : `resumed by ${note.by}`);
    case "word-refused":
    case "word-skipped":
    case "word-counted":
      return aboutWord(note);
    case "gate-overridden":
      return line("warn", `GATE OVERRIDDEN by ${note.by.join(", ")}: ${note.gate}`, [note.reason]);
    case "playbook-finished":
      return playbookFinished(note, scene);
    case "stopping": // What stopped it stands in the line before, and again in the one after.
      return line("back", "stopping: what is under way is interrupted, nothing new begins");
    case "rolling-back":
      return line("back", `ROLLING BACK (${note.cause.kind}): ${note.cause.text}`);
    case "stepped-down":
      return line("back", `stepped down to ${note.share} %`);
    case "undo-retried":
      return undoRetried(note);
    case "restored":
    case "verified":
      return line("good", BACK[note.kind]);
    case "delivered":
    case "not-delivered":
      return told(note);
  }
}

const BACK = {
  restored: "restored: every value reads as before the rollout",
  verified: "verified: the old version is healthy",
};

type AboutWord = Extract<Note, { kind: "word-refused" | "word-skipped" | "word-counted" }>;

function aboutWord(note: AboutWord): Line {
  switch (note.kind) {
    case "word-refused":
      return line("warn", `the word of ${note.by} was not taken: ${note.why}`);
    case "word-skipped":
      return line("warn", `place ${note.place} of the inbox was passed over: ${note.why}`);
    case "word-counted":
      return line("info", `${note.by} has said yes to ${note.about}: ${note.missing} needed`);
  }
}

function signalled({ kind, by, reason }: Extract<Note, { kind: "detached" | "signalled" }>): Line {
  if (kind === "detached")
    return line("ask", `DETACHED by ${by}, ${reason}: nothing was undone, a guard watches`);
  const next = "the next signal leaves at once, with things as they then are (exit 130)";
  return line("warn", `${reason}: the way back goes on; ${next}`);
}

function undoRetried(note: Extract<Note, { kind: "undo-retried" }>): Line {
  const { label, wanted, found, why, byHand, left } = note;
  const is = found === null ? "nobody knows what it is" : `it is ${found}`;
  return line("bad", `NOT BACK YET: ${label} should be ${wanted}, and ${is}: ${why}`, [
    left === 0 ? "it is not tried again" : `it is tried again for up to ${formatDuration(left)}`,
    ...byHand.map((text) => `by hand: ${text}`),
  ]);
}

function playbookFinished(
  { playbook, problem }: Extract<Note, { kind: "playbook-finished" }>,
  scene: Scene,
): Line {
  if (problem !== null)
    return line("bad", `playbook ${playbook} was not run to its end: ${problem}`);
  const undo = `to undo it with the rollout: ${command(scene, "abort", "--reason …")}`;
  return line("good", `playbook ${playbook} was run: its changes read back`, [undo]);
}

function told(note: Extract<Note, { kind: "delivered" | "not-delivered" }>): Line {
  const { to, of, reaction } = note;
  if (note.kind === "delivered")
    return detail(`${DOES[to] ?? `${to} was told`} (${reaction} ${of})`);
  if (reaction === "credentials") return line("warn", `${to} is told nothing: ${note.why}`);
  const what = DOES_NOT[to] ?? `${to} could not be told`;
  return line("warn", `${what} (${reaction}): ${note.why}`);
}

/** What a line of `on` does that tells nobody. */
const DOES: Readonly<Record<string, string>> = {
  run: "a command was run",
  record: "a record was written",
  collect: "evidence was taken",
};

const DOES_NOT: Readonly<Record<string, string>> = {
  run: "a command failed",
  record: "a record was not written",
  collect: "evidence is missing",
};

type AboutStage = Extract<Note, { kind: "stage-started" | "stage-passed" }>;

function aboutStage(note: AboutStage, scene: Scene): Line {
  if (note.kind === "stage-passed") return line("good", `stage ${note.stage} passed`);
  const stages = scene.plan?.stages ?? [];
  const index = stages.findIndex(({ name }) => name === note.stage);
  const place = index === -1 ? "" : ` ${index + 1} of ${stages.length}`;
  const share = note.share === null ? "" : `, ${note.share} %`;
  return line("step", `stage${place}: ${note.stage}${share}`);
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  pass: "green",
  fail: "RED",
  inconclusive: "inconclusive",
  noData: "no data",
  stale: "stale",
  error: "cannot be measured",
};

function judged(note: Extract<Note, { kind: "gate-judged" | "compared" }>): Line {
  if (note.kind === "compared")
    return line("info", `${note.place} ${note.condition.trim()}: ${note.detail}`);
  const text = `gate ${note.gate}: ${OUTCOMES[note.outcome]}, ${note.detail}`;
  switch (note.outcome) {
    case "pass":
      return line("good", text);
    case "fail":
      return line("bad", text);
    case "inconclusive":
    case "noData":
    case "stale":
    case "error":
      return line("warn", text);
  }
}
