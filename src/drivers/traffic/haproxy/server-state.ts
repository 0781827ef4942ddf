import { failed, ok } from "../../answer.ts";
import type { Answer } from "../../driver.ts";

/** A server of a backend, as `show servers state` tells it. */
export interface ServerState {
  readonly name: string;
  /** 0 to 256. */
  readonly weight: number;
  /** What an operator has set; health is another matter. */
  readonly admin: "ready" | "drain" | "maint";
  /** Whether it takes requests: not stopped, starting or stopping. */
  readonly runs: boolean;
}

// srv_admin_state is a set of bits: https://docs.haproxy.org/2.6/management.html#9.3-show%20servers%20state
const FORCED_MAINT = 0x01;
const FORCED_DRAIN = 0x08;
const RUNNING = "2";

/** Reads the answer to `show servers state BACKEND`. */
export function parseServers(text: string, backend: string): Answer<readonly ServerState[]> {
  const [, head = "", ...rows] = text.trim().split("\n");
  const names = head.replace(/^# /, "").split(" ");
  const column = (row: readonly string[], name: string): string => row[names.indexOf(name)] ?? "";
  if (!names.includes("srv_uweight")) return failed(`backend ${backend}: ${text.trim()}`);
  return ok(
    rows.map((line) => {
      const row = line.split(" ");
      const bits = Number(column(row, "srv_admin_state"));
      const drained = (bits & FORCED_DRAIN) === 0 ? "ready" : "drain";
      return {
        name: column(row, "srv_name"),
        weight: Number(column(row, "srv_uweight")),
        admin: (bits & FORCED_MAINT) === 0 ? drained : "maint",
        runs: column(row, "srv_op_state") === RUNNING,
      };
    }),
  );
}
