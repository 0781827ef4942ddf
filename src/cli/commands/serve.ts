import { readFile } from "node:fs/promises";
import { isIP } from "node:net";

import { signingKey } from "../../evidence/signing-key.ts";
import { boundedRecord } from "../../serve/bounded-record.ts";
import { lockAudit } from "../../serve/lock-audit.ts";
import { openAudit, type Audit } from "../../serve/open-audit.ts";
import type { ServePorts } from "../../serve/ports.ts";
import { spentTokens } from "../../serve/spent-tokens.ts";
import { startServer, type ServerOptions } from "../../serve/start-server.ts";
import { parseTokens, type Token } from "../../serve/token.ts";
import { stateDir } from "../../store/state-dir.ts";
import { actingPerson } from "../acting-person.ts";
import { print, tell } from "../print.ts";
import { auditFile } from "../serve/audit-file.ts";
import { servedPolicy } from "../serve/served-policy.ts";
import { servedRollouts } from "../serve/served-rollouts.ts";
import { readTokenFile, tokenFile } from "../serve/token-file.ts";
import { chosenStore } from "../stores/chosen-store.ts";
import { UsageError } from "../usage-error.ts";
import { wholeNumber } from "../whole-number.ts";

interface Options {
  readonly host?: string;
  readonly port?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly roles?: string;
  readonly policy?: string;
  readonly tokens?: string;
  readonly tokensEnv?: string;
  readonly audit?: string;
  readonly openReads?: boolean;
  readonly evidence?: string;
  readonly by?: string;
}

/** Council members, platform stewards and ops guardians, where nothing else is said. */
const ROLES = "council,steward,ops";

/** Serves the kill switch over HTTP until a signal ends it. Aborts that it began go on by themselves. */
export async function serve(_args: readonly string[], options: Options): Promise<number> {
  const at = await addressOf(options);
  const policy = await servedPolicy(options.policy);
  if (policy !== null && options.roles !== undefined)
    throw new UsageError("--roles, but a policy says who may stop", "change `stop` of the policy");
  const own = await tokenSource(options);
  const tokens = async (): Promise<readonly Token[]> =>
    policy === null ? own() : [...(await own()).map(policy.govern), ...policy.tokens];
  const roles = policy?.stop ?? (options.roles ?? ROLES).split(",").map((role) => role.trim());
  const path = auditFile(options.audit);
  const by = options.by ?? actingPerson();
  const unlock = await lockAudit(path).catch(refuse);
  const stopCopies = await copies(options);
  try {
    const audit = await openAudit(path, await signingKey(stateDir())).catch(refuse);
    const trail = boundedRecord(aloud(audit), () => performance.now());
    const ports: ServePorts = {
      tokens,
      roles,
      openReads: options.openReads === true,
      rollouts: servedRollouts(options.evidence),
      record: trail.record,
      spent: spentTokens(audit.earlier),
      now: () => Date.now(),
      say: tell,
    };
    const server = await startServer(ports, at).catch(refuse);
    await trail.record({ kind: "serving", url: server.url, roles, torn: audit.torn }, by);
    print(server.url);
    tell(
      `the kill switch listens at ${server.url}; ${roles.join(" or ")} may abort (Ctrl-C ends it)`,
    );
    const signal = await firstSignal();
    await server.close();
    await trail.flush();
    await trail.record({ kind: "stopped", by: signal }, by);
    await audit.close();
  } finally {
    stopCopies();
    await unlock();
  }
  return 0;
}

/** A shared store may be gone when an abort comes; that of the evidence is as reachable as this process. */
async function copies({ evidence }: Options): Promise<() => void> {
  const chosen = chosenStore();
  if (chosen === null || chosen.address.kind === "file") return () => undefined;
  return (await import("../serve/store-copies.ts")).copyFromStore(chosen, evidence, tell);
}

function refuse(error: unknown): never {
  throw new UsageError(error instanceof Error ? error.message : String(error));
}

/** Each line's hash goes to the server's own log: there, whoever can rewrite the trail can not rewrite it. */
function aloud(audit: Audit): Audit["record"] {
  return async (event, by) => {
    const recorded = await audit.record(event, by);
    tell(`audit ${recorded.seq} ${event.kind} ${recorded.hash}`);
    return recorded;
  };
}

/** A token that crosses a network in plain text is everybody's: beyond this machine it takes TLS. */
async function addressOf(options: Options): Promise<ServerOptions> {
  const host = options.host ?? "127.0.0.1";
  const port = wholeNumber("--port", options.port ?? "7071", { least: 0, most: 65_535 });
  const { cert, key } = options;
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError("--cert and --key belong together", "name both");
  if (cert === undefined || key === undefined) {
    if (!isLoopback(host))
      throw new UsageError(
        `--host ${host} without TLS: whoever listens could take the tokens`,
        "name --cert and --key, or stay on 127.0.0.1 behind a proxy that has them",
      );
    return { host, port, tls: null };
  }
  return { host, port, tls: { cert: await readPem(cert), key: await readPem(key) } };
}

function readPem(path: string): Promise<string> {
  return readFile(path, "utf8").catch(refuse);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/**
 * Reads the tokens anew each time. What can not be read leaves those in force that were read last: a broken file must not
 * take the kill switch away.
 */
async function tokenSource(options: Options): Promise<() => Promise<readonly Token[]>> {
  const { tokensEnv } = options;
  if (tokensEnv !== undefined) {
    if (options.tokens !== undefined)
      throw new UsageError("--tokens and --tokens-env contradict each other", "keep one");
    const text = process.env[tokensEnv];
    if (text === undefined || text === "") throw new UsageError(`${tokensEnv} is not set`);
    const tokens = await Promise.resolve(text).then(parseTokens).catch(refuse);
    return () => Promise.resolve(tokens);
  }
  const path = tokenFile(options.tokens);
  let last = await readTokenFile(path);
  if (last.length === 0)
    tell(`no token is in ${path} yet: canary token --for NAME --roles council`);
  return async () => {
    last = await readTokenFile(path).catch((error: unknown) => {
      tell(`the tokens that were read last stay in force: ${String(error)}`);
      return last;
    });
    return last;
  };
}

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(name, () => resolve(name));
  });
}
