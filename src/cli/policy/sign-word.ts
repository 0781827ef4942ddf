import type { Word } from "../../core/event.ts";
import type { Plan } from "../../core/plan.ts";
import { personOfKey } from "../../policy/role.ts";
import { statementText } from "../../policy/statement.ts";
import { UsageError } from "../usage-error.ts";
import { ownSigner } from "./own-signer.ts";

export interface SigningContext {
  readonly plan: Plan;
  readonly digest: string;
  /** Null before the start. */
  readonly rollout: string | null;
  /** The key of `--key`. */
  readonly key: string | undefined;
  /** The name of `--by`; who signs is who the policy says it is. */
  readonly by: string | undefined;
}

/** Signs a word for a rollout under a policy, as the person whose key it is. Without a policy it stays as it is. */
export async function signWord(word: Word, context: SigningContext): Promise<Word> {
  const { plan, digest, rollout } = context;
  const { governance } = plan;
  if (governance === undefined) return word;
  const { line, sign } = await ownSigner(context.key);
  const person = personOfKey(governance.people, line);
  if (person === null)
    throw new UsageError(
      "your key is not in the policy of this rollout",
      `have it added: people: { NAME: { key: "${line}", roles: [] } }\nor sign with another: --key FILE`,
    );
  if (context.by !== undefined && context.by.replace(/^@/u, "") !== person.name)
    throw new UsageError(
      `--by ${context.by}, and the key is ${person.name}'s`,
      "leave --by out: the policy says whose key it is",
    );
  const valid = plan.checks[word.check ?? ""]?.input["valid"];
  const holds = typeof valid === "number" ? valid : governance.approvalsHold;
  const at = Date.now();
  const about = {
    digest,
    rollout,
    at: new Date(at).toISOString(),
    expires: new Date(at + holds).toISOString(),
  };
  const mine = { ...word, by: person.name };
  return { ...mine, proof: { ...about, signature: await sign(statementText(mine, about)) } };
}
