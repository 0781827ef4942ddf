import { BREAK_GLASS } from "../../policy/owed-tasks.ts";
import { line, type Line } from "../../report/line.ts";
import { command, type Scene } from "../../report/scene.ts";
import type { Place } from "../known-evidence.ts";
import { tasksOf } from "./follow-ups.ts";

/** What a rollback left to be done, in words; nothing where that cannot be read. Never throws. */
export async function followUpLines(place: Place): Promise<readonly Line[]> {
  const owed = await tasksOf(place).catch(() => []);
  const open = owed.filter(({ done }) => done === null);
  if (open.length === 0) return [];
  const scene: Scene = { plan: null, rollout: place.id, evidence: null };
  const broken = open.some(({ name }) => name === BREAK_GLASS);
  const lines = open.flatMap(({ name, text, by, due }) => [
    `- ${text} (${by ?? "anybody of the policy"}, until ${new Date(due).toISOString()})`,
    `  when it is done: ${command(scene, "confirm", `${name} --reason …`)}`,
  ]);
  const told = "this abort was by somebody whom the policy does not let stop: it is on the record";
  return [
    ...(broken ? [line("warn", told)] : []),
    line("ask", "owed now, and listed by `canary tasks`:", lines),
  ];
}
