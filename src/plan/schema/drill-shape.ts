
import { duration } from "./scalars.ts";

/** The key of a check that the way back of the plan was drilled, by `canary drill`. */
export const drillShape = {
  drill: duration.describe("how long ago the last drill of this way back was at most: 30d"),
};

