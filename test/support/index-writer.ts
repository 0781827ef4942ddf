// A process that remembers rollouts: `index-writer.ts STATE NAME COUNT`.
import { createRolloutId } from "../../src/evidence/rollout-id.ts";
import { rememberRollout } from "../../src/store/rollout-index.ts";

const [state = "", name = "", count = "0"] = process.argv.slice(2);
for (let index = 0; index < Number(count); index += 1) {
  await rememberRollout(state, {
    id: createRolloutId(Date.now()),
    evidence: "/e",
    plan: `${name}-${index}`,
    at: Date.now(),
  });
}
