import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { isAllowed, parseAllowedSigners } from "../../src/evidence/allowed-signers.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmWq6YyzKyF5bcFYvzRr1rOW8MIkMlzmHkJhC5rmMxr";
const NOON = Date.UTC(2026, 0, 1, 12);

/** Whether a file of one line lets this name sign at that time. */
function allows(line: string, name = "ana", at = NOON): boolean {
  const { signers, problems } = parseAllowedSigners(line);
  expect(problems).toEqual([]);
  return isAllowed(signers, { name, key: KEY, at });
}

test.for([
  ["a name", `ana ${KEY}`, true],
  ["a comment behind the key", `ana ${KEY} ana@laptop`, true],
  ["one of several names", `bo,ana ${KEY}`, true],
  ["a pattern", `a?a ${KEY}`, true],
  ["quoted names", `"bo,a*" ${KEY}`, true],
  ["another name", `bo ${KEY}`, false],
  ["a name that only contains it", `banana ${KEY}`, false],
  ["an exclusion", `*,!ana ${KEY}`, false],
  ["the namespace of canary", `ana namespaces="git,canary" ${KEY}`, true],
  ["another namespace", `ana namespaces="git" ${KEY}`, false],
  ["a time that has begun", `ana valid-after="20260101Z" ${KEY}`, true],
  ["a time that is yet to come", `ana valid-after="202601011201Z" ${KEY}`, false],
  ["a time that is over", `ana valid-before="20260101120000Z" ${KEY}`, false],
  ["both", `ana namespaces="canary",valid-after="2025",valid-before="2027" ${KEY}`, null],
  ["a comment", `# ana ${KEY}`, false],
] as const)("%s", ([, line, expected]) => {
  if (expected === null) expect(parseAllowedSigners(line).problems[0]?.what).toContain("no time");
  else expect(allows(line)).toBe(expected);
});

test("what is not understood is a problem with its line, and trusts nobody", () => {
  const { signers, problems } = parseAllowedSigners(
    [
      "ana",
      `ana cert-authority ${KEY}`,
      `ana valid-after="soon" ${KEY}`,
      `ana no-touch ${KEY}`,
      "ana ssh-ed25519 AAAA",
    ].join("\n"),
  );
  expect(signers).toEqual([]);
  expect(problems.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
});

test("ssh-keygen reads the same file in the same way", async () => {
  await using temporary = await temporaryFolder();
  const at = (name: string): string => join(temporary.path, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at("key")]);
  writeFileSync(at("message"), "hello");
  execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "canary", "-f", at("key"), at("message")]);
  const key = readFileSync(at("key.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  const ours: boolean[] = [];
  const theirs: boolean[] = [];
  for (const line of [
    `ana ${key}`,
    `a* namespaces="canary" ${key}`,
    `ana namespaces="git" ${key}`,
    `*,!ana ${key}`,
    `ana valid-before="20200101" ${key}`,
    `ana valid-after="20200101",valid-before="20990101" ${key}`,
  ]) {
    writeFileSync(at("signers"), `${line}\n`);
    const { signers } = parseAllowedSigners(line);
    ours.push(isAllowed(signers, { name: "ana", key, at: Date.now() }));
    theirs.push(takenBySshKeygen(temporary.path));
  }
  expect(ours).toEqual(theirs);
  expect(new Set(ours).size).toBe(2);
});

function takenBySshKeygen(cwd: string): boolean {
  const args = ["-Y", "verify", "-q", "-f", "signers", "-I", "ana", "-n", "canary"];
  try {
    execFileSync("ssh-keygen", [...args, "-s", "message.sig"], {
      cwd,
      input: "hello",
      stdio: ["pipe", "ignore", "ignore"],
    });
    return true;
  } catch {
    return false;
  }
}
