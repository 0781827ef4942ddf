import type { Change } from "../../core/field.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { fetchObject, objectText, type ObjectName } from "./fetch-object.ts";
import { objectNameOf, refOf } from "./kube-field.ts";
import type { KubeObject } from "./kube-object.ts";
import { podProblem } from "./pod-problem.ts";
import { rolloutState, type RolloutState } from "./rollout-state.ts";

const PAUSE = 500;
/** Every how many looks the Pods are asked what is wrong with them. */
const POD_LOOKS = 6;

/** Waits until the controllers have taken up the objects of these changes. One that is gone has nothing to take up. */
export async function settleObjects(
  changes: readonly Change[],
  context: DriverContext,
  judge: (live: KubeObject) => RolloutState = rolloutState,
): Promise<Answer<null>> {
  const refs = new Map(changes.map(({ field }) => [field.target, refOf(field)] as const));
  for (const ref of refs.values()) {
    const answer = await waitFor(objectNameOf(ref), context, (live) =>
      live === null ? { kind: "done" } : judge(live),
    );
    if (answer.kind !== "ok") return answer;
  }
  return ok(null);
}

/** Looks at an object twice a second until `judge` is content; when cut, says what was still missing. */
export async function waitFor(
  name: ObjectName,
  context: DriverContext,
  judge: (live: KubeObject | null) => RolloutState,
): Promise<Answer<null>> {
  let why = `${objectText(name)} was not looked at`;
  let problem = "";
  for (let look = 0; ; look += 1) {
    const live = await fetchObject(name, context);
    if (live.kind === "failed") return live;
    if (live.kind === "ok") {
      const state = judge(live.value);
      if (state.kind === "done") return ok(null);
      const asksPods = state.kind === "failed" || look % POD_LOOKS === POD_LOOKS - 1;
      if (asksPods && live.value !== null && !context.signal.aborted) {
        const found = await podProblem(live.value, context);
        problem = found === null ? "" : `; ${found}`;
      }
      if (state.kind === "failed") return failed(`${state.why}${problem}`);
      why = state.why;
    } else if (!context.signal.aborted) why = live.why;
    try {
      await context.sleep(PAUSE);
    } catch {
      // Rejected because the signal cut the wait; the signal itself is what is asked.
    }
    if (context.signal.aborted) return unknown(`cut while waiting: ${why}${problem}`);
  }
}
