import type { Condition } from "../core/condition.ts";
import type { State } from "../core/state.ts";
import { tellClaims } from "../core/tell-claims.ts";
import type { WallTime } from "../core/units.ts";
import type { RolloutRead } from "../engine/read-rollout.ts";
import { confirmLines, preflightConfirmations } from "./confirm-lines.ts";
import { describeEnd } from "./describe-end.ts";
import { describeEvent } from "./describe-event.ts";
import { nextAtHold } from "./describe-hold.ts";
import { formatDuration } from "./format-duration.ts";
import { repeats } from "./repeats.ts";
import { command, type Scene } from "./scene.ts";

/** How many of the last events are shown. */
const LAST = 5;

export interface StatusInput {
  readonly read: RolloutRead;
  readonly scene: Scene;
  /** `unknown` when it runs on another machine. */
  readonly runner: "alive" | "gone" | "unknown";
  readonly now: WallTime;
}

/** One screen: how it stands, what holds it, what was last, what to type next. */
export function renderStatus({ read, scene, runner, now }: StatusInput): string {
  const { plan, state, entries } = read;
  const first = entries[0];
  const age = first === undefined ? "" : `, started ${formatDuration(now - first.at)} ago`;
  const seen = repeats();
  return [
    `rollout ${scene.rollout} of plan ${plan.name}${age}`,
    ...stateLines(read, scene),
    ...(state.phase.kind === "ended" ? [] : runnerLines(runner, scene)),
    ...gateLines(read),
    ...claimLines(read),
    ...read.problems.map((problem) => `journal   ${problem}`),
    "",
    "last",
    ...entries
      .map((entry) => ({ entry, line: describeEvent(entry.event, scene) }))
      .filter(({ entry, line }) => !line.detail && !seen(entry.event))
      .slice(-LAST)
      .map(
        ({ entry, line }) => `  ${new Date(entry.at).toISOString().slice(11, 19)}Z ${line.text}`,
      ),
    ...nextLines(state, scene, runner),
  ].join("\n");
}

function stateLines({ plan, state }: RolloutRead, scene: Scene): readonly string[] {
  const { phase } = state;
  if (phase.kind === "ended") {
    const { text, more } = describeEnd(phase.end, scene);
    return [`state     ${text}`, ...more.map((each) => `          ${each}`)];
  }
  const stage = plan.stages[state.stage];
  const place =
    stage === undefined
      ? ""
      : `, stage ${state.stage + 1} of ${plan.stages.length} (${stage.name})`;
  const share = state.share === null ? "" : `, at most ${state.share} % on the new version`;
  const cause = state.cause === null ? [] : [`because   ${state.cause.text}`];
  const hold = state.hold === null ? [] : [`HELD      ${state.hold.why}`];
  return [`state     ${phaseWord(state)}${place}${share}`, ...hold, ...cause];
}

function phaseWord({ phase }: State): string {
  switch (phase.kind) {
    case "idle":
    case "preparing":
      return "preparing, nothing is changed yet";
    case "applying":
      return "changing";
    case "checking":
      return "checking";
    case "observing":
      return "soaking";
    case "closing":
      return "closing the stage";
    case "finishing":
      return "finishing";
    case "stopping":
    case "rolling-back":
      return "ROLLING BACK";
    case "verifying":
      return "rolled back, verifying";
    case "ending":
    case "ended":
      return "ending";
  }
}

function runnerLines(runner: StatusInput["runner"], scene: Scene): readonly string[] {
  switch (runner) {
    case "alive":
      return ["runner    alive on this machine"];
    case "unknown":
      return [`runner    on another machine; ${command(scene, "watch")} tells whether it lives`];
    case "gone":
      return ["runner    GONE: nobody watches this rollout"];
  }
}

/** How comparisons with stable stand: both rates, the ratio and how sure that is. */
function claimLines({ plan, state }: RolloutRead): readonly string[] {
  if (state.phase.kind === "ended") return [];
  return tellClaims(plan, state).map(
    ({ place, text: said, detail }) => `compared  ${place} ${said}: ${detail}`,
  );
}

function gateLines({ plan, state }: RolloutRead): readonly string[] {
  const { phase } = state;
  if (phase.kind !== "observing" && phase.kind !== "closing") return [];
  const gates = plan.stages[state.stage]?.gates ?? [];
  const { green, passed } = phase.soak;
  const soak = plan.stages[state.stage]?.soak ?? 0;
  return [
    `soak      ${formatDuration(green)} of ${formatDuration(soak)} green`,
    ...gates.map(
      ({ id, condition }) => `gate      ${text(condition)}: ${passed[id] ?? "not judged"}`,
    ),
  ];
}

function text(condition: Condition): string {
  return condition.text;
}

function preparing({ phase }: State): boolean {
  return phase.kind === "idle" || phase.kind === "preparing";
}

function open(state: State, scene: Scene): readonly string[] {
  return preflightConfirmations(scene.plan).filter(
    (name) => state.confirmations[name] === undefined,
  );
}

function nextLines(state: State, scene: Scene, runner: StatusInput["runner"]): readonly string[] {
  if (state.phase.kind === "ended") return [];
  const next = nextSteps(state, scene, runner);
  return ["", "next", ...next.map((each) => `  ${each}`)];
}

function nextSteps(state: State, scene: Scene, runner: StatusInput["runner"]): readonly string[] {
  const abort = `to roll back: ${command(scene, "abort", "--reason …")}`;
  const follow = `to follow it: ${command(scene, "watch")}`;
  if (runner === "gone")
    return [
      abort,
      `to run it on from here: ${command(scene, "resume")}`,
      `if its targets were put right by hand or from elsewhere: ${command(scene, "unlock", "--reason …")}`,
    ];
  if (state.cause !== null) return [follow];
  if (state.hold !== null) return nextAtHold(state.hold, scene);
  return [
    ...(preparing(state) ? confirmLines(open(state, scene), scene) : []),
    follow,
    `to stop going forward: ${command(scene, "hold", "--reason …")}`,
    abort,
  ];
}
