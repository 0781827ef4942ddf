import { expect, test } from "vitest";

import { programName } from "../../src/report/program-name.ts";

test.each([
  [{ npm_command: "exec" }, "/x/node_modules/.bin/canary", "npx canary"],
  [{ npm_command: "exec" }, "/x/bin/canary.js", "npx canary"],
  [{ npm_command: "exec" }, "/x/node_modules/.bin/vitest", "canary"],
  [{ npm_command: "run-script" }, "/x/bin/canary.js", "canary"],
  [{}, "/usr/bin/canary", "canary"],
  [{}, "", "canary"],
] as const)("%o and %s: %s", (env, script, name) => {
  expect(programName(env, script)).toBe(name);
});
