import { endProcess, endServices } from "./end-process.ts";
import { isAlive, isSameHost, thisOwner } from "./owner.ts";
import type { Processes } from "./ports.ts";

/** The processes of this host. */
export const systemProcesses: Processes = {
  self: thisOwner,
  isHere: isSameHost,
  isAlive,
  end: endProcess,
  endServices,
};
