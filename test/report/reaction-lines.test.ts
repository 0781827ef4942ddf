import { expect, test } from "vitest";

import { reactionLines } from "../../src/report/reaction-lines.ts";
import { reaction } from "../support/told-rollout.ts";
import { plan } from "./support/every-event.ts";

test("everybody who is told, and everything that is run and kept, is seen before the start", () => {
  const unless = { kind: "confirmed", text: "handled confirmed", check: "handled" } as const;
  const reactions = [
    reaction("started", "slack"),
    reaction("warned", "finance", { trigger: "margin dips" }),
    reaction("rolling-back", "slack"),
    reaction("rolling-back", "duty"),
    reaction("rolling-back", "cto", { asks: ["handled"] }),
    reaction("rolling-back", "leads", { after: 900_000, unless }),
    reaction("rolling-back", "status", { every: 1_800_000, until: "rolled-back" }),
    reaction("promoted", "", { does: { kind: "run", argv: ["git", "tag", "v1"], timeout: 1 } }),
    reaction("promoted", "", { does: { kind: "record", as: "success.txt" }, stage: "full" }),
  ];
  expect(reactionLines({ ...plan, reactions })).toEqual([
    "beside the rollout, and without a part in it",
    "  started         tells slack",
    "  warned          tells finance for margin dips",
    "  rolling-back    tells slack, duty",
    "  rolling-back    tells cto and asks for handled",
    "  rolling-back    tells leads after 15m, unless handled confirmed",
    "  rolling-back    tells status, every 30m until rolled-back",
    "  promoted        runs git tag v1",
    "  promoted        writes success.txt in full",
  ]);
});

test("a plan without `on` has no such part", () => {
  expect(reactionLines(plan)).toEqual([]);
});
