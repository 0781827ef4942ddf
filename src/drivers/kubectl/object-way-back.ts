import { ok } from "../answer.ts";
import type { FirstWrite } from "../lazy-driver.ts";
import { fence, release } from "./fence.ts";
import { readFields } from "./read-fields.ts";
import { settleObjects } from "./settle.ts";
import { writeEach } from "./write-each.ts";

/** How places of Kubernetes objects are read, fenced and written back, without the schemas of a plan. */
export const objectWayBack: FirstWrite = {
  read: readFields,
  write: writeEach,
  fence,
  release,
};

/** The same for what is in force once it is written. */
export const metadataWayBack: FirstWrite = {
  ...objectWayBack,
  settle: () => Promise.resolve(ok(null)),
};

/** And for what a controller has to take up, by the rules of workloads. */
export const workloadWayBack: FirstWrite = {
  ...objectWayBack,
  settle: (changes, context) => settleObjects(changes, context),
};
