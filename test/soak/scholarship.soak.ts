import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, startCanary } from "../e2e/support/run-canary.ts";
import { sayYes } from "../support/runbooks/person.ts";
import { writePrograms } from "../support/runbooks/programs.ts";
import { scholarshipApp } from "../support/runbooks/scholarship-app.ts";

const PLAN = resolve(import.meta.dirname, "../../plans/scholarship-api.yaml");

/** Sends requests as one tester until it is limited; fails when it never is. */
const RATE_LIMIT = `
const paths = process.argv[2] === "--all" ? ["/api/v1/search", "/api/v1/scholarships"] : [process.argv[2]];
for (const path of paths) {
  const tester = path + process.pid;
  let status = 200;
  for (let n = 0; n < 20 && status !== 429; n += 1)
    status = (await fetch(process.env.APP_URL + path, { headers: { "x-tester": tester } })).status;
  console.log(path, status);
  if (status !== 429) process.exit(1);
}
`;

/** Uses one token twice: only the first time may be let in. */
const REPLAY = `
const ask = async () => (await fetch(process.env.APP_URL + "/token", { headers: { authorization: "Bearer " + process.pid } })).status;
const both = [await ask(), await ask()];
console.log(both.join(" "));
process.exit(both.join(" ") === "200 401" ? 0 : 1);
`;

const REDIS = `#!/bin/sh
exec curl -fsS "$APP_URL/redis/sentinel"
`;

test("scholarship-api runs against its stand-in to promoted", async () => {
  const app = await scholarshipApp();
  const folder = folderForTest();
  const evidence = join(folder, "evidence");
  const PATH = writePrograms(folder, {
    "tests/rate-limit.mjs": RATE_LIMIT,
    "tests/jwt-replay.mjs": REPLAY,
    "tests/cross-pod.mjs": REPLAY.replace("process.pid", '"pod" + process.pid'),
    "bin/redis-cli": REDIS,
  });
  const canary = startCanary(
    folder,
    [
      ...["start", "--plan", planFor(folder), "--time-scale", "1/60", "--output", "plain"],
      ...["--evidence", evidence, "--set", "version=2025.8.21"],
      ...["--set", `app=${app.url}`, "--set", `repository=${app.url}/repo`],
    ],
    { env: { PATH, APP_URL: app.url, GITHUB_TOKEN: "secret" } },
  );
  const exit = await sayYes(canary, folder, evidence, ["oncall", "dashboards"]);
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  expect(app.flag).toEqual({ percent: 100, version: "2025.8.21" });
  // The freeze is over.
  expect(app.variables.get("DEPLOY_FREEZE")).toBe("none");
});

/** The plan as it is, but for a window that would be a second long: there are two seconds between two scrapes at least. */
function planFor(folder: string): string {
  const text = readFileSync(PLAN, "utf8");
  expect(text).toContain("redis_errors over 1m");
  const path = join(folder, "plan.yaml");
  writeFileSync(path, text.replace("redis_errors over 1m", "redis_errors over 5m"));
  return path;
}
