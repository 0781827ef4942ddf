import type { FirstWrite } from "../../lazy-driver.ts";
import { readNginx } from "./read-nginx.ts";
import { writeNginx } from "./write-nginx.ts";

/** How a configuration is read and written back, without the schemas of a plan. */
export const nginxWayBack: FirstWrite = {
  read: readNginx,
  write: writeNginx,
};
