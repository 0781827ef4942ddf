import type { UndoGroup } from "../core/effect.ts";
import type { Fact, UndoResult, Word } from "../core/event.ts";
import type { Sample } from "../core/sample.ts";
import { actionOf } from "../core/unwind.ts";
import { confirmLines, preflightConfirmations } from "./confirm-lines.ts";
import { describeEnd } from "./describe-end.ts";
import { formatDuration } from "./format-duration.ts";
import { detail, line, type Line } from "./line.ts";
import { command, type Scene } from "./scene.ts";

type FactOf<K extends Fact["kind"]> = Extract<Fact, { kind: K }>;

/** What happened, in words. */
export function describeFact(fact: Fact, scene: Scene): Line {
  switch (fact.kind) {
    case "claimed":
      return claimed(fact, scene);
    case "preflight-finished":
      return preflight(fact);
    case "baseline-captured":
      return captured(fact, scene);
    case "read-back-finished":
      return readBack(fact);
    case "action-intended":
      return detail(`begins: ${title(fact.action, scene)}`);
    case "action-finished":
      return acted(fact, scene);
    case "check-finished":
      return checked(fact);
    case "measured":
      return detail(`measured ${fact.key}: ${sample(fact.sample)}`);
    case "collected":
      return collected(fact);
    case "timer-fired":
      return detail("a timer fired");
    case "word-received":
      return line("info", said(fact.word));
    case "interrupted":
      return line(
        "back",
        `interrupted by ${fact.by} (${fact.reason}): rolling back; a second signal leaves at once`,
      );
    case "journal-lost":
      return line("bad", `the journal cannot be written (${fact.why}): rolling back`);
    case "undo-intended":
      return line("back", `restoring ${group(fact.group)} (${count(fact.fields.length, "value")})`);
    case "undo-stalled":
      return line("warn", "traffic does not go back: everything else goes back beside it now");
    case "undo-finished":
      return undone(fact);
    case "secured":
      return fact.certain
        ? detail(`no late write can land any more: ${fact.how}`)
        : line("warn", `a late write of an earlier runner cannot be ruled out: ${fact.how}`);
    case "searched":
      return searched(fact, scene);
    case "superseded":
      return line(
        "warn",
        `another process took over (epoch ${fact.byEpoch}): this one writes no more and follows it`,
      );
  }
}

function claimed(fact: FactOf<"claimed">, scene: Scene): Line {
  if (fact.end !== null) return describeEnd(fact.end, scene);
  const why = fact.cause === null ? "" : `: ${fact.cause.text}`;
  switch (fact.mode) {
    case "start":
      return line("step", `rollout ${fact.rollout} of plan ${fact.plan}, by ${fact.by}`, [
        `plan digest ${fact.digest.slice(0, 12)}`,
        ...(scene.evidence === null
          ? []
          : [`to stop it from any terminal: ${command(scene, "abort", "--reason …")}`]),
        ...awaited(scene),
      ]);
    case "rollback":
      return line("back", `${fact.by} takes over to roll back${why}`);
    case "continue":
      return line("step", `${fact.by} takes over to go on${why}`);
    case "halt":
      return line("warn", `${fact.by} takes over to halt${why}`);
  }
}

/** No event says that the preflight waits for a person, so the start does. */
function awaited(scene: Scene): readonly string[] {
  const names = preflightConfirmations(scene.plan);
  return names.length === 0
    ? []
    : ["it waits for a person's word before anything is changed:", ...confirmLines(names, scene)];
}

function preflight({ problems }: FactOf<"preflight-finished">): Line {
  return problems.length === 0
    ? line("good", "preflight passed: targets and permissions answer")
    : // The refusal that follows says the same.
      detail("preflight failed", listed(problems));
}

function listed(problems: readonly string[]): readonly string[] {
  return problems.map((problem) => `- ${problem}`);
}

function captured(fact: FactOf<"baseline-captured">, scene: Scene): Line {
  if (fact.problems.length > 0)
    return detail("the baseline could not be captured", listed(fact.problems));
  const values = count(Object.keys(fact.fields).length, "value");
  const metrics = Object.keys(fact.metrics).length;
  const both = metrics === 0 ? values : `${values} and ${count(metrics, "metric")}`;
  const bundle =
    scene.evidence === null ? [] : [`rollback bundle: ${scene.evidence}/rollback.json`];
  return line("good", `baseline captured: ${both}, to be restored on the way back`, bundle);
}

function readBack(fact: FactOf<"read-back-finished">): Line {
  if (fact.unreadable !== null)
    return line("warn", `what was set could not be read back: ${fact.unreadable}`);
  if (fact.differences.length === 0)
    return detail("everything that was set still reads as it was set");
  return line(
    "warn",
    "the target is not as canary left it",
    fact.differences.map(({ label, expected, live }) => `- ${label} is ${live}, not ${expected}`),
  );
}

function acted(fact: FactOf<"action-finished">, scene: Scene): Line {
  const what = title(fact.action, scene);
  switch (fact.result) {
    case "applied":
      return line("good", what);
    case "failed":
      return line("bad", `${what}: failed, ${fact.why}`);
    case "unknown":
      return line(
        "warn",
        `${what}: nobody knows whether it happened, ${fact.why}; it will be undone and read back`,
      );
    case "refused":
      return line("bad", `${what}: the target refused it, ${fact.why}`);
    case "moved":
      return line("warn", `${what}: not done, the value moved since the start, ${fact.why}`);
  }
}

function checked(fact: FactOf<"check-finished">): Line {
  switch (fact.result) {
    case "pass":
      return line("good", `check ${fact.check} passed: ${fact.detail}`);
    case "fail":
      return line("bad", `check ${fact.check} failed: ${fact.detail}`);
    case "error":
      return line("warn", `check ${fact.check} could not be made: ${fact.detail}`);
  }
}

function collected(fact: FactOf<"collected">): Line {
  const missing = [...fact.missingRequired.map((name) => `${name} (required)`), ...fact.missing];
  const taken =
    fact.taken.length === 0
      ? "no evidence was asked for"
      : `evidence taken: ${fact.taken.join(", ")}`;
  if (missing.length === 0) return fact.taken.length === 0 ? detail(taken) : line("info", taken);
  return line("warn", `${taken}; missing: ${missing.join(", ")}`);
}

function searched({ actions, why, left }: FactOf<"searched">, scene: Scene): Line {
  const more = [...actions.map((id) => `- begun: ${title(id, scene)}`), ...left.map(outcome)];
  if (why !== "") return line("warn", `the journal lost lines: ${why}`, more);
  if (left.length === 0) return detail("what the journal does not name is not set either");
  return line(
    "warn",
    `only the journal says that ${count(left.length, "value")} was never set`,
    more,
  );
}

function undone(fact: FactOf<"undo-finished">): Line {
  const back = fact.results.filter(({ result }) => result === "restored");
  const rest = fact.results.filter(({ result }) => result !== "restored");
  const list = fact.results.map(outcome);
  if (rest.length === 0)
    return line(
      "good",
      `restored ${group(fact.group)} and read back (${count(back.length, "value")})`,
      list,
    );
  return line("bad", `NOT RESTORED: ${count(rest.length, "value")} (${group(fact.group)})`, list);
}

function outcome({ label, result, why }: UndoResult): string {
  const because = why === "" ? "" : `: ${why}`;
  switch (result) {
    case "restored":
      return `- ${label}: restored${because}`;
    case "foreign":
      return `- ${label}: left alone, someone else changed it${because}`;
    case "failed":
      return `- ${label}: NOT restored${because}`;
    case "unknown":
      return `- ${label}: nobody knows${because}`;
  }
}

function group(undo: UndoGroup): string {
  switch (undo) {
    case "returning-side":
      return "the side that traffic goes back to";
    case "traffic":
      return "traffic";
    case "rest":
      return "everything else";
    case "again":
      return "everything once more";
  }
}

function said(word: Word): string {
  const because = word.reason === "" ? "" : ` (${word.reason})`;
  if (word.kind === "playbook") return `${word.by} runs playbook ${word.check ?? "?"}${because}`;
  if (word.kind !== "confirm") return `${word.by} says ${word.kind}${because}`;
  return `${word.by} says ${word.yes ? "yes" : "NO"} to ${word.check ?? "?"}${because}`;
}

function sample(given: Sample): string {
  switch (given.kind) {
    case "value":
      return given.samples === null
        ? String(given.value)
        : `${given.value} of ${given.samples} samples`;
    case "stale":
      return `stale by ${formatDuration(given.age)}, ${given.why}`;
    case "inconclusive":
      return `inconclusive, ${given.why}`;
    case "noData":
      return `no data, ${given.why}`;
    case "error":
      return `error, ${given.why}`;
  }
}

function title(id: string, scene: Scene): string {
  const action = scene.plan === null ? undefined : actionOf(scene.plan, id);
  if (action === undefined) return id;
  return action.share === null ? action.title : `traffic ${action.share} %: ${action.title}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
