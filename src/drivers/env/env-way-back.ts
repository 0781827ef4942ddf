import type { FirstWrite } from "../lazy-driver.ts";
import { readEnv } from "./read-env.ts";
import { releaseCopies, writeEnv } from "./write-env.ts";

/** How keys of env files are read and written back, without the schemas of a plan. */
export const envWayBack: FirstWrite = {
  read: readEnv,
  write: writeEnv,
  release: releaseCopies,
};
