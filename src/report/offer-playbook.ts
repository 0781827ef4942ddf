import type { Trigger } from "../core/plan.ts";
import { programName } from "./program-name.ts";
import type { Scene } from "./scene.ts";

/** The playbook that a trigger offers: what may be behind it, what to do, and the command. Nothing where it offers none. */
export function offerPlaybook(trigger: string, scene: Scene): readonly string[] {
  const offering = (scene.plan?.triggers ?? []).find(
    (each) => each.name === trigger && each.playbook !== undefined,
  );
  const playbook = scene.plan?.playbooks?.[offering?.playbook ?? ""];
  if (playbook === undefined) return [];
  const { name, causes, recover, actions, asks } = playbook;
  const set = asks.map((each) => ` --set ${each}=…`).join("");
  const verb = actions.length === 0 ? "to look closer" : "to look closer, and to run it";
  return [
    ...(causes.length === 0 ? [] : [`may be: ${causes.join("; ")}`]),
    ...(recover.length === 0 ? [] : [`to do: ${recover.join("; ")}`]),
    `${verb}: ${programName()} playbook ${name} ${scene.rollout}${set}`,
  ];
}

/** The playbook of the trigger that a hold speaks of: its words begin with the trigger's name. */
export function offerAtHold(why: string, scene: Scene): readonly string[] {
  const isMeant = ({ name }: Trigger): boolean => why.startsWith(`${name}: `);
  const trigger = scene.plan?.triggers.find(isMeant);
  return trigger === undefined ? [] : offerPlaybook(trigger.name, scene);
}
