import { writeFileAtomic } from "../../evidence/write-file.ts";
import { parseDuration } from "../../plan/scalars/parse-duration.ts";
import { issueToken } from "../../serve/issue-token.ts";
import { showTokens, type Token } from "../../serve/token.ts";
import { print, printJson, tell } from "../print.ts";
import { readTokenFile, tokenFile } from "../serve/token-file.ts";
import { UsageError } from "../usage-error.ts";

interface Options {
  readonly for?: string;
  readonly roles?: string;
  readonly expires?: string;
  readonly revoke?: string;
  readonly tokens?: string;
  readonly json?: boolean;
}

/** Longer than a shift is a password; longer than a quarter is one that nobody remembers giving out. */
const USUAL = "12h";
const LONGEST = 90 * 24 * 3_600_000;

/** Issues, revokes and lists the tokens of `canary serve`. The text of a new one goes to stdout, once. */
export async function token(_args: readonly string[], options: Options): Promise<number> {
  const path = tokenFile(options.tokens);
  const tokens = await readTokenFile(path);
  if (options.revoke !== undefined) return revoke(path, tokens, options.revoke);
  if (options.for === undefined) return list(tokens, options);
  const person = options.for.replace(/^@/u, "").trim();
  if (person === "") throw new UsageError("--for is empty", "write who gets the token");
  const roles = rolesOf(options.roles);
  const { text, token: made } = issueToken(person, roles, lasts(options.expires), Date.now());
  await writeFileAtomic(path, showTokens([...tokens, made]), { mode: 0o600 });
  tell(
    `token ${made.id} of ${person} (${roles.join(", ")}), until ${made.expires}; it is shown this once:`,
  );
  print(text);
  return 0;
}

function rolesOf(text: string | undefined): readonly string[] {
  const roles = (text ?? "").split(",").map((role) => role.trim());
  if (roles.some((role) => role === ""))
    throw new UsageError("--for without roles", "write --roles, as council,steward");
  return roles;
}

function lasts(text: string | undefined): number {
  const parsed = parseDuration(text ?? USUAL);
  if (parsed.kind === "bad")
    throw new UsageError(`--expires ${text ?? ""}`, "write a duration, as 12h");
  if (parsed.value <= 0 || parsed.value > LONGEST)
    throw new UsageError(`--expires ${text ?? ""}`, "write a duration of at most 90d");
  return parsed.value;
}

async function revoke(path: string, tokens: readonly Token[], id: string): Promise<number> {
  const left = tokens.filter((each) => each.id !== id);
  if (left.length === tokens.length)
    throw new UsageError(`there is no token ${id} in ${path}`, "canary token lists them");
  await writeFileAtomic(path, showTokens(left), { mode: 0o600 });
  tell(`token ${id} is revoked: it is refused from now on`);
  return 0;
}

function list(tokens: readonly Token[], { json }: Options): number {
  const shown = tokens.map(({ id, person, roles, issued, expires }) => ({
    id,
    person,
    roles,
    issued,
    expires,
  }));
  if (json === true) printJson(shown);
  else if (shown.length === 0) tell("no token was issued: canary token --for NAME --roles council");
  else
    for (const { id, person, roles, expires } of shown)
      print(
        `${id}  ${person}  ${roles.join(",")}  ${Date.parse(expires) > Date.now() ? "until" : "EXPIRED"} ${expires}`,
      );
  return 0;
}
