import { failed, ok } from "./answer.ts";
import type { Answer, DriverContext } from "./driver.ts";

/** Whether a `log:` of a plan is a path, and not the name of a connection. */
export function isLogPath(log: string): boolean {
  return log.includes("/");
}

/**
 * The file behind a `log:` of a plan: a path where it has a slash, else that of the connection it names. References in
 * it are resolved.
 */
export function logFile(log: string, context: DriverContext): Answer<string> {
  const own = context.connection["file"];
  try {
    const path = context.resolve(log);
    if (isLogPath(path)) return ok(path);
    // A file of the same path may be here too, and would be the wrong one.
    if (typeof context.connection["host"] === "string")
      return failed(`"${log}" is on another machine, and only metrics read a log there`);
    if (typeof own === "string") return ok(own);
    if (typeof context.connection["workload"] === "string")
      return failed(`"${log}" is of a workload, and only metrics read it by its connection`);
    return failed(`"${log}" is no connection of type log, and no path: write ./${log} for a file`);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}
