import type { FirstWrite } from "../lazy-driver.ts";
import { readServices, writeServices } from "./service-state.ts";

/** How services are looked at, started and stopped, without the schemas of a plan. */
export const serviceWayBack: FirstWrite = { read: readServices, write: writeServices };
