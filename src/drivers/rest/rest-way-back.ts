import { failed, ok } from "../answer.ts";
import type { WayBack } from "../lazy-driver.ts";
import { callHttp } from "./call-http.ts";
import { readRestFields } from "./read-fields.ts";
import { writeRestFields } from "./write-fields.ts";

/** How fields behind an HTTP API are read and written back, and requests sent, without the schemas of a plan. */
export const restWayBack: WayBack = {
  read: readRestFields,
  write: writeRestFields,
  settle: () => Promise.resolve(ok(null)),
  call: (request, context) => {
    const { input } = request;
    return typeof input === "object" && input !== null
      ? callHttp({ ...request, input }, context)
      : Promise.resolve(failed("this is no request"));
  },
};
