import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { readSecret } from "../../src/cli/read-secret.ts";
import { folderForTest } from "../e2e/support/run-canary.ts";

function pipe(): string {
  const path = join(folderForTest(), "secret");
  execFileSync("mkfifo", [path]);
  return path;
}

test("a secret is read from a file without its last newline, and what is missing is named", () => {
  const path = join(folderForTest(), "secret");
  writeFileSync(path, "pass word\r\n");
  expect(readSecret(`file:${path}`)).toBe("pass word");
  expect(readSecret(`file:${path}2`)).toMatchObject({ message: expect.stringContaining("ENOENT") });
  expect(readSecret("env:CANARY_NOT_SET")).toMatchObject({
    message: "the environment variable CANARY_NOT_SET is not set",
  });
});

test("a secret comes through a pipe, also in parts; one that nobody writes is an error, and nobody waits for ever", async () => {
  const path = pipe();
  const writer = spawn("sh", [
    "-c",
    'exec > "$0"; printf "two "; sleep 0.1; printf "parts\\n"',
    path,
  ]);
  expect(readSecret(`file:${path}`)).toBe("two parts");
  await once(writer, "close");
  expect(readSecret(`file:${pipe()}`)).toMatchObject({
    message: expect.stringContaining("it is a pipe, and nobody wrote all of it within 2 s"),
  });
});
