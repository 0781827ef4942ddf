import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Plan } from "../../src/core/plan.ts";
import { fingerprint } from "../../src/evidence/dsse.ts";
import { writeManifest } from "../../src/evidence/manifest.ts";
import { signingKey } from "../../src/evidence/signing-key.ts";
import { verifyEvidence } from "../../src/evidence/verify.ts";
import { digestPlan } from "../../src/plan/digest.ts";
import { untilShare, worldForTest } from "./support/world.ts";

interface Bundle {
  rollout: string;
  digest: string;
  plan: { stages: unknown[] };
  fields: { field: { key: string }; baseline: unknown }[];
}

const SMOKE = "stages/01-pilot/state_10.json";

test("evidence that was exchanged and sealed anew with the same key is found by what the journal says of it", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml", ["--set", "soak=2s"]);
  await untilShare(world, 50);
  const id = await world.rolloutId();
  await world.abort([id]).exit;
  await start.exit;
  const folder = join(world.evidence, id);
  const key = await signingKey(join(world.folder, "state"));
  const keyid = fingerprint(key.publicKey);
  const check = async (): Promise<readonly string[]> => {
    await writeManifest(folder, id, key, new Date().toISOString());
    const { findings } = await verifyEvidence(folder, [keyid], (plan) => digestPlan(plan as Plan));
    return findings.flatMap(({ kind, path, what }) =>
      kind === "problem" ? [`${path}: ${what}`] : [],
    );
  };
  expect(await check()).toEqual([]);

  const edits: readonly [string, RegExp, (bundle: Bundle) => unknown][] = [
    [
      "a value",
      /rollback\.json: the value of .*router.* is not the one that was captured/u,
      (bundle) => {
        const router = bundle.fields.find(({ field }) => field.key.includes("router"));
        if (router !== undefined) router.baseline = { present: true, value: 100 };
      },
    ],
    [
      "a field less",
      /rollback\.json: .* was captured and is not in it/u,
      ({ fields }) => fields.pop(),
    ],
    [
      "a field more",
      /rollback\.json: extra is in it and was never captured/u,
      ({ fields }) => fields.push({ field: { key: "extra" }, baseline: { present: false } }),
    ],
    ["its plan", /rollback\.json: its plan was changed/u, ({ plan }) => plan.stages.pop()],
    ["its rollout", /rollback\.json: it is of another rollout/u, (b) => (b.rollout = "other")],
    ["its digest", /rollback\.json: it is of another plan/u, (b) => (b.digest = "other")],
  ];
  const path = join(folder, "rollback.json");
  const before = readFileSync(path, "utf8");
  for (const [what, expected, edit] of edits) {
    const bundle = JSON.parse(before) as Bundle;
    edit(bundle);
    writeFileSync(path, JSON.stringify(bundle));
    expect((await check()).join("\n"), what).toMatch(expected);
  }
  for (const text of ["{", "null", '{"fields":7}']) {
    writeFileSync(path, text);
    expect((await check()).join("\n")).toContain("rollback.json: it is no bundle");
  }
  rmSync(path);
  expect((await check()).join("\n")).toContain("rollback.json: it is gone");
  writeFileSync(path, before);

  const plan = readFileSync(join(folder, "plan.json"), "utf8");
  writeFileSync(join(folder, "plan.json"), plan.replaceAll('"timeout": 30000', '"timeout": 1'));
  expect(await check()).toEqual(["plan.json: its plan was changed since the rollout started"]);
  writeFileSync(join(folder, "plan.json"), plan);

  const capture = readFileSync(join(folder, SMOKE));
  writeFileSync(join(folder, SMOKE), "all is well\n");
  expect(await check()).toEqual([`${SMOKE}: it is not what the journal says was taken`]);
  writeFileSync(join(folder, SMOKE), capture);
  writeFileSync(join(folder, "stages/01-pilot/better.txt"), "all is well\n");
  expect(await check()).toEqual([
    "stages/01-pilot/better.txt: the journal does not know it: it was put there",
  ]);
  rmSync(join(folder, "stages/01-pilot/better.txt"));
  expect(await check()).toEqual([]);
});
