import { appendFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { expect, test } from "vitest";

import { signingKey } from "../../src/evidence/signing-key.ts";
import { folderForTest, runCanary, type Exit } from "../e2e/support/run-canary.ts";
import { sealedRollout } from "../support/sealed-rollout.ts";

function verify(state: string, args: readonly string[]): Promise<Exit> {
  return runCanary(folderForTest(), ["verify", ...args], { env: { CANARY_STATE_DIR: state } });
}

test("evidence that this user's key signed verifies by itself, and says whose key it is", async () => {
  const { folder, keyid } = await sealedRollout();
  const { code, stdout } = await verify(join(dirname(folder), "state"), [folder]);
  expect(code, stdout).toBe(0);
  expect(stdout).toContain(`signed by your own key ${keyid}`);
});

test("a stranger's key is not trusted where there is an own one, and names the way to trust it", async () => {
  const { folder, keyid } = await sealedRollout();
  const mine = folderForTest();
  await signingKey(mine);
  const refused = await verify(mine, [folder]);
  expect(refused.code).toBe(50);
  expect(refused.stdout).toContain("NOT VERIFIED");
  expect(refused.stdout).toContain(`which is NOT yours`);
  expect(refused.stdout).toContain(`canary verify ${folder} --trust ${keyid}`);
  const trusted = await verify(mine, [folder, "--trust", keyid.toUpperCase()]);
  expect(trusted.code, trusted.stdout).toBe(0);
  expect(trusted.stdout).toContain(`signed by key ${keyid}, which you trust`);
});

test("without any key it says that nothing changed, and that it does not know who signed", async () => {
  const { folder, keyid } = await sealedRollout();
  const state = folderForTest();
  const { code, stdout } = await verify(state, [folder]);
  expect(code, stdout).toBe(0);
  expect(stdout).toContain("it shows that nothing changed since, not who signed");
  const { stdout: json } = await verify(state, [folder, "--json"]);
  expect(JSON.parse(json)).toMatchObject({ ok: true, ownKey: null, signedBy: [keyid], folder });
});

test("a changed file is found, whoever is trusted", async () => {
  const { folder, keyid } = await sealedRollout();
  await appendFile(join(folder, "plan.yaml"), "\n# later");
  const { code, stdout } = await verify(folderForTest(), [folder, "--trust", keyid]);
  expect(code).toBe(50);
  expect(stdout).toMatch(/problem: plan\.yaml: /u);
});

test("a fingerprint that is none is wrong usage", async () => {
  const { code, stderr } = await verify(folderForTest(), ["--trust", "abc"]);
  expect(code).toBe(2);
  expect(stderr).toContain("64 hexadecimal digits");
});
