import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary, startCanary, type Exit } from "../e2e/support/run-canary.ts";
import { eventually } from "../support/sandbox-client.ts";

interface World {
  readonly folder: string;
  readonly flags: () => string;
  /** Makes the hold trigger fire. */
  readonly breakIt: () => void;
  readonly canary: (...args: readonly string[]) => Promise<Exit>;
}

/** A plan that edits a file, whose trigger offers a playbook that edits it too. */
function world(name = "shop", folder = folderForTest()): World {
  const flags = join(folder, "flags.env");
  writeFileSync(flags, "A=5\n");
  writeFileSync(
    join(folder, `${name}.yaml`),
    `apiVersion: canary/v1
kind: Plan
name: ${name}
interval: 100ms
checks:
  fine: { run: [ test, -e, ${flags} ], interval: 100ms }
  letters: { run: [ test, "!", -e, ${folder}/dead ], interval: 100ms, failureThreshold: 1 }
stages:
  - name: one
    actions: [ { env-file: { file: ${flags}, set: { A: "1" } } } ]
    soak: 60s
    gates: [ fine passes ]
triggers:
  hold: [ { name: dead letters, when: letters fails, playbook: calm } ]
rollback: { verify: { checks: [ fine ] } }
playbooks:
  calm:
    diagnose: [ { run: [ cat, ${flags} ] } ]
    causes: [ the consumer is down ]
    recover: [ fix the consumer ]
    actions: [ { env-file: { file: ${flags}, set: { A: "2", B: "new" } } } ]
  read: { causes: [ clock skew ] }
  block:
    params: { key: { required: true } }
    actions: [ { run: [ sh, -c, "echo $0 >> ${folder}/blocked", "\${params.key}" ], undo: none } ]
`,
  );
  return {
    folder,
    flags: () => readFileSync(flags, "utf8"),
    breakIt: () => writeFileSync(join(folder, "dead"), ""),
    canary: (...args) => runCanary(folder, args),
  };
}

test("it is offered with the hold, run within the rollout, and undone with it", async () => {
  const { folder, flags, breakIt, canary } = world();
  const start = startCanary(folder, ["start", "shop.yaml"]);
  await eventually(
    () => Promise.resolve(flags()),
    (text) => text === "A=1\n",
  );
  breakIt();
  await eventually(
    () => Promise.resolve(start.stdout()),
    (text) => text.includes("HELD"),
  );
  expect(start.stdout()).toContain("may be: the consumer is down");
  expect(start.stdout()).toMatch(
    /to look closer, and to run it: canary playbook calm [0-9a-z]{26}/u,
  );
  expect((await canary("status")).stdout).toMatch(/canary playbook calm [0-9a-z]{26}/u);
  // Nothing ran by itself.
  expect(flags()).toBe("A=1\n");

  const look = await canary("playbook", "calm", "--look");
  expect(look.code, look.stderr).toBe(0);
  expect(look.stdout).toContain("A=1");
  expect(look.stdout).toContain("set A=2 B=new in");
  expect(flags()).toBe("A=1\n");

  const run = await canary("playbook", "calm", "--yes", "--by", "ana", "--reason", "too many");
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain("playbook calm was run: its changes read back");
  expect(flags()).toBe("A=2\nB=new\n");
  expect(start.stdout()).toContain("ana runs playbook calm (too many)");
  // It goes on holding, and what the playbook set is what is expected now.
  expect((await canary("status")).stdout).toContain("HELD");

  const abort = await canary("abort", "--reason", "enough");
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  expect((await start.exit).code).toBe(31);
  expect(flags()).toBe("A=5\n");
  const verified = await canary("verify");
  expect(verified.code, verified.stdout + verified.stderr).toBe(0);
});

test("with no rollout active it is one of its own, and can be undone", async () => {
  const { flags, canary } = world();
  const none = await canary("playbook", "calm");
  expect(none.code).toBe(2);
  expect(none.stderr).toContain("add --plan FILE to run it on its own");

  const run = await canary("playbook", "calm", "--plan", "shop.yaml", "--yes");
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(run.stdout).toContain("playbook calm was run: its changes read back (exit 0)");
  expect(flags()).toBe("A=2\nB=new\n");
  const id = /canary abort ([0-9a-z]{26}) --after-promoted/u.exec(run.stdout)?.[1] ?? "";
  const undone = await canary("abort", id, "--after-promoted", "--reason", "not needed");
  expect(undone.code, undone.stdout).toBe(31);
  expect(flags()).toBe("A=5\n");
});

test("nobody to ask is no consent, and what changes nothing needs none", async () => {
  const { flags, canary } = world();
  const mute = await canary("playbook", "calm", "--plan", "shop.yaml");
  expect(mute.code).toBe(2);
  expect(mute.stderr).toContain("add --yes to change it, or --look to look only");
  expect(flags()).toBe("A=5\n");
  const read = await canary("playbook", "read", "--plan", "shop.yaml");
  expect(read).toMatchObject({ code: 0, stdout: "playbook read\nmay be  - clock skew\n" });
});

test("it takes values of its own, also from the plan of a rollout that is active", async () => {
  const { folder, flags, canary } = world();
  const missing = await canary("playbook", "block", "--plan", "shop.yaml", "--yes");
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain("add --set key=…");
  const start = startCanary(folder, ["start", "shop.yaml"]);
  await eventually(
    () => Promise.resolve(flags()),
    (text) => text === "A=1\n",
  );
  const run = await canary("playbook", "block", "--set", "key=k-7", "--yes");
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(readFileSync(join(folder, "blocked"), "utf8")).toBe("k-7\n");
  start.signal("SIGTERM");
  expect((await start.exit).code).toBe(31);
});

test("what another rollout holds is not touched", async () => {
  const { folder, flags, canary } = world();
  const start = startCanary(folder, ["start", "shop.yaml"]);
  await eventually(
    () => Promise.resolve(flags()),
    (text) => text === "A=1\n",
  );
  const text = readFileSync(join(folder, "shop.yaml"), "utf8");
  writeFileSync(join(folder, "other.yaml"), text.replace("name: shop", "name: other"));
  const run = await canary("playbook", "calm", "--plan", "other.yaml", "--yes");
  expect(run.code, run.stdout + run.stderr).toBe(21);
  expect(flags()).toBe("A=1\n");
  start.signal("SIGTERM");
  expect((await start.exit).code).toBe(31);
});

test("a name that is not there is told with those that are", async () => {
  const { canary } = world();
  const run = await canary("playbook", "clam", "--plan", "shop.yaml");
  expect(run.code).toBe(2);
  expect(run.stderr).toContain("plan shop has no playbook clam\n  did you mean calm?");
});
