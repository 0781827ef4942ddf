import type { Rule } from "../located-plan.ts";
import { blindness } from "./blindness.ts";
import { checkTime } from "./check-time.ts";
import { confidenceProves } from "./confidence-proves.ts";
import { distinctNames } from "./distinct-names.ts";
import { evidenceNames } from "./evidence-names.ts";
import { goodBesideBad } from "./good-beside-bad.ts";
import { irreversibleEarly } from "./irreversible-early.ts";
import { limitReachable } from "./limit-reachable.ts";
import { metricSamples } from "./metric-samples.ts";
import { metricWindow } from "./metric-window.ts";
import { outputs } from "./outputs.ts";
import { placeholderPlace } from "./placeholder-place.ts";
import { reactionsHappen } from "./reactions-happen.ts";
import { relativeFloor } from "./relative-floor.ts";
import { reloadApart } from "./reload-apart.ts";
import { rollbackVerified } from "./rollback-verified.ts";
import { secrets } from "./secrets.ts";
import { sharesRise } from "./shares-rise.ts";
import { soakCoversWindow } from "./soak-covers-window.ts";
import { splitWatched } from "./split-watched.ts";
import { stageBounds } from "./stage-bounds.ts";
import { stageProves } from "./stage-proves.ts";
import { triggerBeforeGate } from "./trigger-before-gate.ts";
import { triggerReach } from "./trigger-reach.ts";
import { undoStated } from "./undo-stated.ts";
import { unused } from "./unused.ts";
import { writtenTwice } from "./written-twice.ts";

/** Every rule that a plan is checked with. */
export const allRules: readonly Rule[] = [
  distinctNames,
  sharesRise,
  soakCoversWindow,
  stageBounds,
  stageProves,
  triggerBeforeGate,
  triggerReach,
  limitReachable,
  relativeFloor,
  metricWindow,
  metricSamples,
  goodBesideBad,
  confidenceProves,
  splitWatched,
  undoStated,
  reloadApart,
  irreversibleEarly,
  writtenTwice,
  blindness,
  outputs,
  checkTime,
  placeholderPlace,
  secrets,
  evidenceNames,
  rollbackVerified,
  reactionsHappen,
  unused,
];
