import type { FirstWrite } from "../lazy-driver.ts";
import { fence, release } from "./fence.ts";
import { readFields } from "./read-fields.ts";
import { writeEach } from "./write-each.ts";

/** How places of Kubernetes objects are read, fenced and written back, without the schemas of a plan. */
export const objectWayBack: FirstWrite = {
  read: readFields,
  write: writeEach,
  fence,
  release,
};
