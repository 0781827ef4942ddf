import { homedir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { stateDir } from "../../src/store/state-dir.ts";

test("the state lies where the user says, else where XDG says, else at home", () => {
  expect(stateDir({ CANARY_STATE_DIR: "/a", XDG_STATE_HOME: "/b" })).toBe("/a");
  expect(stateDir({ CANARY_STATE_DIR: "", XDG_STATE_HOME: "/b" })).toBe("/b/canary");
  expect(stateDir({ XDG_STATE_HOME: "relative" })).toBe(join(homedir(), ".local/state/canary"));
  expect(stateDir({})).toBe(join(homedir(), ".local/state/canary"));
});
