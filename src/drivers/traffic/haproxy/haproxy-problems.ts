import type { DriverContext } from "../../driver.ts";
import { askHaproxy } from "./ask-haproxy.ts";
import type { HaproxyPlace } from "./connection.ts";
import type { HaproxyInput } from "./haproxy-input.ts";
import { readServers } from "./read-haproxy.ts";

/** What keeps weights from being a share here, and an undo from bringing everybody back. Reads only. */
export async function haproxyProblems(
  input: HaproxyInput,
  place: HaproxyPlace,
  context: DriverContext,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const level = await askHaproxy(place, ["show cli level"], context);
  if (level.kind !== "ok") return [level.why];
  if (level.value.trim() !== "admin")
    problems.push(
      `${place.socket} is of level ${level.value.trim()}: setting weights needs \`level admin\``,
    );
  const servers = await readServers(place, input.backend, context);
  if (servers.kind !== "ok") return [...problems, servers.why];
  const named = new Set([...input.canary, ...input.stable]);
  for (const { name, weight, admin } of servers.value) {
    if (!named.has(name) && weight > 0 && admin === "ready")
      problems.push(
        `server ${input.backend}/${name} gets requests too: name it under \`canary\` or \`stable\``,
      );
  }
  const open = servers.value.filter(
    ({ name, admin }) => input.canary.includes(name) && admin === "ready",
  );
  if (open.length > 0 && (await binds(input.backend, place, context)))
    problems.push(
      `backend ${input.backend} binds visitors to a server, and ${open.map(({ name }) => name).join(", ")} would keep its own after a rollback to weight 0: begin with \`set server ${input.backend}/${open[0]?.name ?? ""} state maint\``,
    );
  return problems;
}

/** Whether a cookie or a stick table binds visitors to a server of this backend. */
async function binds(
  backend: string,
  place: HaproxyPlace,
  context: DriverContext,
): Promise<boolean> {
  const tables = await askHaproxy(place, ["show table"], context);
  if (tables.kind === "ok" && tables.value.includes(`# table: ${backend},`)) return true;
  const stat = await askHaproxy(place, ["show stat"], context);
  if (stat.kind !== "ok") return false;
  const [head = "", ...rows] = stat.value.trim().split("\n");
  const at = head.split(",").indexOf("cookie");
  return rows.some((line) => {
    const row = line.split(",");
    return row[0] === backend && row[1] === "BACKEND" && (row[at] ?? "") !== "";
  });
}
