import type { Change, FieldValue } from "../../core/field.ts";
import { ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { pinRequest } from "./pin-request.ts";
import type { RestRef } from "./rest-field.ts";
import type { RestRequest } from "./rest-request.ts";

/** What an action writes behind an HTTP API, before its addresses are pinned. */
export interface RestPlan {
  readonly driver: string;
  readonly connection: string | null;
  readonly name: string;
  readonly read: RestRequest;
  readonly write: RestRequest;
  readonly remove: RestRequest | null;
  readonly kill: RestRequest | null;
  readonly type: RestRef["type"];
  readonly values: readonly {
    readonly path: string;
    readonly at: string | null;
    readonly value: FieldValue;
    readonly absentAs: number | null;
  }[];
}

/** The changes with every request pinned, so that any process can read, write and undo them. */
export function restChanges(plan: RestPlan, context: DriverContext): Answer<readonly Change[]> {
  const read = pinRequest(plan.read, context);
  if (read.kind !== "ok") return read;
  const write = pinRequest(plan.write, context);
  if (write.kind !== "ok") return write;
  const remove = plan.remove === null ? ok(null) : pinRequest(plan.remove, context);
  if (remove.kind !== "ok") return remove;
  const kill = plan.kill === null ? ok(null) : pinRequest(plan.kill, context);
  if (kill.kind !== "ok") return kill;
  const target = `http/${read.value.url}`;
  return ok(
    plan.values.map(({ path, at, value, absentAs }): Change => {
      const ref: RestRef = {
        read: read.value,
        path,
        write: write.value,
        at,
        type: plan.type,
        remove: remove.value,
        absentAs,
        kill: kill.value,
      };
      return {
        field: {
          key: `${target}#${path}`,
          target,
          driver: plan.driver,
          connection: plan.connection,
          ref,
          label: `${plan.name} ${path}`,
        },
        value,
      };
    }),
  );
}
