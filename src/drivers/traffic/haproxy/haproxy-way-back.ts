import type { FirstWrite } from "../../lazy-driver.ts";
import { readHaproxy } from "./read-haproxy.ts";
import { writeHaproxy } from "./write-haproxy.ts";

/** How weights are read and written back, without the schemas of a plan. */
export const haproxyWayBack: FirstWrite = {
  read: readHaproxy,
  write: writeHaproxy,
};
