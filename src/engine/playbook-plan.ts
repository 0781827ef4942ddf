import type { Governance } from "../core/governance.ts";
import type { Plan, Playbook } from "../core/plan.ts";

/** How long the evidence after its actions may take, and how often nothing is measured meanwhile, in milliseconds. */
const WITHIN = 300_000;
const INTERVAL = 10_000;

/** What a policy asks for before its changes: confirmations, by name. */
interface Asked {
  readonly governance: Governance;
  readonly checks: Plan["checks"];
}

/**
 * The plan of a playbook that is run on its own: a rollout of one stage without traffic, whose actions are captured,
 * journalled and undoable like all others. Nothing judges it, and nobody is told: a person runs it and looks.
 */
export function playbookPlan(plan: Plan, playbook: Playbook, policy: Asked | null = null): Plan {
  const { reactions: _reactions, playbooks: _playbooks, ...rest } = plan;
  const none = { checks: [], gates: [] };
  return {
    ...rest,
    runs: playbook.name,
    checks: { ...plan.checks, ...policy?.checks },
    preflight: Object.keys(policy?.checks ?? {}),
    ...(policy === null ? {} : { governance: policy.governance }),
    stages: [
      {
        name: playbook.name,
        folder: `01-${playbook.name}`,
        share: null,
        actions: playbook.actions,
        ...none,
        soak: 0,
        within: WITHIN,
        interval: INTERVAL,
        tolerate: 0,
        evidence: playbook.diagnose,
      },
    ],
    finish: [],
    triggers: [],
    rollback: {
      actions: [],
      gradual: null,
      verify: { ...none, wait: 0, within: WITHIN, interval: INTERVAL },
    },
  };
}
