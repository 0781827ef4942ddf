import { hashToken } from "../../serve/hash-token.ts";
import type { Token } from "../../serve/token.ts";
import { findPolicy } from "../policy/find-policy.ts";
import { readSecret } from "../read-secret.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

/** What a policy says about the HTTP interface. */
export interface ServedPolicy {
  /** Who may abort. */
  readonly stop: readonly string[];
  /** Tokens that people of the policy have in the environment or in a file. */
  readonly tokens: readonly Token[];
  /** A token with the roles that the policy gives its bearer: those of the file do not count. */
  readonly govern: (token: Token) => Token;
}

/** Shorter ones could be guessed: they are hashed fast, because issued tokens are random. In characters. */
const SHORTEST = 24;

/** Such a token has no end of its own: it is good until the reference gives another one. */
const NEVER = "9999-12-31T23:59:59.000Z";

/** The policy in force; null where there is none. A wrong one is wrong usage: without it nobody knows who may stop. */
export async function servedPolicy(option: string | undefined): Promise<ServedPolicy | null> {
  const found = await findPolicy(option, "plan.yaml");
  if (found === null) return null;
  const [{ builtInDrivers }, { loadPolicy }] = await Promise.all([
    import("../../drivers/registry.ts"),
    import("../../policy/load-policy.ts"),
  ]);
  const { policy, diagnostics } = loadPolicy(found, { catalog: builtInDrivers(), params: null });
  if (policy === null) {
    tellDiagnostics(found.path, found.text, diagnostics);
    throw new UsageError(`the policy ${found.path} is wrong`, `canary lint ${found.path}`);
  }
  const tokens = Object.entries(policy.people).flatMap(([person, { token, roles }]) =>
    token === null ? [] : tokensOf(person, roles, token),
  );
  return {
    stop: policy.stop,
    tokens,
    govern: (token) => ({ ...token, roles: policy.people[token.person]?.roles ?? [] }),
  };
}

/** None where the reference gives nothing: who has no token can not use one. */
function tokensOf(person: string, roles: readonly string[], written: string): readonly Token[] {
  const text = readSecret(written.replace(/^\$\{(.*)\}$/u, "$1"));
  if (typeof text !== "string" || text === "") return [];
  if (text.length < SHORTEST)
    throw new UsageError(
      `the token of ${person} has ${text.length} characters`,
      `give ${written} at least ${SHORTEST} random ones, or issue one: canary token --for ${person}`,
    );
  const sha256 = hashToken(text);
  const issued = new Date().toISOString();
  return [{ id: sha256.slice(0, 8), person, roles, sha256, issued, expires: NEVER }];
}
