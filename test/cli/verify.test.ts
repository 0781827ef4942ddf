import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { expect, test } from "vitest";

import { writeManifest } from "../../src/evidence/manifest.ts";
import { signingKey } from "../../src/evidence/signing-key.ts";
import { sshPublicKey } from "../../src/evidence/ssh-key.ts";
import { witnessLine } from "../../src/evidence/witness-line.ts";
import { folderForTest, runCanary, type Exit } from "../e2e/support/run-canary.ts";
import { ROLLOUT, sealedRollout } from "../support/sealed-rollout.ts";

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

/** What a CI log of the rollout kept. */
function heads(folder: string): string {
  return [1, 2, 3]
    .map((epoch) => {
      const line =
        readFileSync(join(folder, `journal.${epoch}.ndjson`), "utf8").split("\n")[0] ?? "";
      const { seq } = JSON.parse(line) as { seq: number };
      return `2026-01-01T00:00:00.000Z ${witnessLine(ROLLOUT, { epoch, seq }, line)}`;
    })
    .join("\n");
}

test("--witness: a log in a file, on stdin and a copy of the journals; each that fits is named", async () => {
  const { folder, keyid } = await sealedRollout();
  const copy = folderForTest();
  cpSync(folder, copy, { recursive: true });
  const log = join(copy, "ci.log");
  writeFileSync(log, heads(folder));
  const args = [folder, "--trust", keyid, "--witness", log, "--witness", copy, "--witness", "-"];
  const { code, stdout } = await runCanary(folderForTest(), ["verify", ...args], {
    env: { CANARY_STATE_DIR: folderForTest() },
    input: heads(folder).slice(0, 150),
  });
  expect(code, stdout).toBe(0);
  expect(stdout).toContain(`witness ${log}: saw 3 lines, the last one 3.7`);
  expect(stdout).toContain(`witness ${copy}: saw 8 lines, the last one 3.7`);
  expect(stdout).toContain("witness stdin: saw 1 lines, the last one 1.1");
});

test("--witness: a journal that was cut and signed anew by the right key exits 50", async () => {
  const { folder, key, keyid } = await sealedRollout();
  const log = join(folderForTest(), "ci.log");
  writeFileSync(log, heads(folder));
  rmSync(join(folder, "journal.3.ndjson"));
  await writeManifest(folder, ROLLOUT, key, "2026-01-01T00:00:00.000Z");
  const alone = await verify(folderForTest(), [folder, "--trust", keyid]);
  expect(alone.code, alone.stdout).toBe(0);
  const heard = await verify(folderForTest(), [folder, "--trust", keyid, "--witness", log]);
  expect(heard.code).toBe(50);
  expect(heard.stdout).toContain(`line 7 of epoch 3 was seen by ${log} and is gone`);
});

test("--witness: one that is not there is wrong usage", async () => {
  const { folder } = await sealedRollout();
  const { code, stderr } = await verify(folderForTest(), [folder, "--witness", "/nowhere/ci.log"]);
  expect(code).toBe(2);
  expect(stderr).toContain("there is no witness /nowhere/ci.log");
});

test("--allowed-signers: a listed key is trusted, another is not, and a line that is wrong is named", async () => {
  const { folder, key } = await sealedRollout();
  const state = folderForTest();
  const list = join(state, "allowed_signers");
  const by = async (text: string): Promise<Exit> => {
    writeFileSync(list, text);
    return verify(state, [folder, "--allowed-signers", list]);
  };
  const listed = await by(`ci namespaces="canary" ${sshPublicKey(key.publicKey)}\n`);
  expect(listed.code, listed.stdout).toBe(0);
  expect(listed.stdout).toContain("which you trust");
  const other = await signingKey(folderForTest());
  const stranger = await by(`ci ${sshPublicKey(other.publicKey)}\n`);
  expect(stranger.code).toBe(50);
  expect(stranger.stdout).toContain("signed by a key that is not trusted");
  const wrong = await by("ci\nana cert-authority ssh-ed25519 AAAA\n");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain(`${list}:1: `);
  expect(wrong.stderr).toContain(`${list}:2: `);
  expect((await by('ana namespaces="git" ssh-ed25519 AAAA\n')).code).toBe(2);
});
