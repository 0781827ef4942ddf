import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary, startCanary, type Exit } from "../e2e/support/run-canary.ts";
import { eventually } from "../support/sandbox-client.ts";

type Who = "ana" | "bo" | "cy" | "eve";

interface World {
  readonly folder: string;
  readonly flags: () => string;
  readonly as: (who: Who, ...args: readonly string[]) => Promise<Exit>;
}

/** Ana is of the council, bo and cy are stewards, and nobody knows eve. */
async function world(rule: string): Promise<World> {
  const folder = folderForTest();
  const flags = join(folder, "flags.env");
  writeFileSync(flags, "A=5\n");
  writeFileSync(
    join(folder, "shop.yaml"),
    `apiVersion: canary/v1
kind: Plan
name: shop
interval: 100ms
checks: { fine: { run: [ test, -e, ${flags} ], interval: 100ms } }
stages:
  - { name: one, actions: [ { env-file: { file: ${flags}, set: { A: "1" } } } ], soak: 60s, gates: [ fine passes ] }
rollback: { verify: { checks: [ fine ] } }
playbooks:
  calm: { actions: [ { env-file: { file: ${flags}, set: { A: "2" } } } ] }
`,
  );
  const run = (who: string, ...args: readonly string[]): Promise<Exit> =>
    runCanary(folder, args, { cwd: folder, env: { CANARY_STATE_DIR: join(folder, who) } });
  const keys = await Promise.all(
    ["ana", "bo", "cy"].map(async (who) => (await run(who, "key")).stdout.trim()),
  );
  const roles = ["council", "steward", "steward"];
  const people = ["ana", "bo", "cy"].map(
    (who, place) => `  ${who}: { key: "${keys[place] ?? ""}", roles: [${roles[place] ?? ""}] }`,
  );
  writeFileSync(
    join(folder, "policy.yaml"),
    `apiVersion: canary/v1\nkind: Policy\npeople:\n${people.join("\n")}\ntiers: { normal: {} }\n${rule}\n`,
  );
  return { folder, flags: () => readFileSync(flags, "utf8"), as: run };
}

const ALONE = ["playbook", "calm", "--plan", "shop.yaml", "--policy", "policy.yaml", "--yes"];

test("on its own it takes the signature of whom the policy names, and nobody else changes anything", async () => {
  const { flags, as } = await world("playbook: { steward: 1 }");
  const stranger = await as("eve", ...ALONE);
  expect(stranger.code, stranger.stderr).toBe(2);
  expect(stranger.stderr).toContain("your key is not in the policy");
  const council = await as("ana", ...ALONE);
  expect(council.code, council.stderr).toBe(22);
  expect(council.stderr).toContain("1 of steward: bo, cy");
  expect(flags()).toBe("A=5\n");
  const steward = await as("cy", ...ALONE, "--reason", "keys leak");
  expect(steward.code, steward.stdout + steward.stderr).toBe(0);
  expect(steward.stdout).toContain("cy says yes to playbook-steward");
  expect(flags()).toBe("A=2\n");
});

test("without a rule for it, it takes anybody's signature whom the policy knows", async () => {
  const { flags, as } = await world("");
  expect((await as("eve", ...ALONE)).code).toBe(2);
  expect(flags()).toBe("A=5\n");
  expect((await as("ana", ...ALONE)).code).toBe(0);
  expect(flags()).toBe("A=2\n");
});

test("within a rollout it is run when as many as the policy asks for have signed, and not before", async () => {
  const { folder, flags, as } = await world("playbook: { steward: 2 }");
  const state = (who: string) => ({ CANARY_STATE_DIR: join(folder, who) });
  const start = startCanary(folder, ["start", "shop.yaml", "--policy", "policy.yaml"], {
    cwd: folder,
    env: state("ana"),
  });
  await eventually(
    () => Promise.resolve(start.stdout()),
    (text) => text.includes("soaking for"),
  );
  const within = ["playbook", "calm", "--yes"];
  expect((await as("eve", ...within)).code).toBe(2);
  const council = await as("ana", ...within);
  expect(council.code, council.stderr).toBe(2);
  expect(council.stderr).toContain("ana is council, and this is for steward");
  const first = await as("bo", ...within);
  expect(first.code, first.stdout + first.stderr).toBe(32);
  expect(first.stderr).toContain("needed: 1 more of steward");
  expect(flags()).toBe("A=1\n");
  const second = await as("cy", ...within);
  expect(second.code, second.stdout + second.stderr).toBe(0);
  expect(flags()).toBe("A=2\n");
  expect((await as("eve", "abort", "--reason", "enough")).code).toBe(31);
  await start.exit;
  expect(flags()).toBe("A=5\n");
});
