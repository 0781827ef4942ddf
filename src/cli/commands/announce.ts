import { announce as send, announcementsOf, type Announced } from "../../engine/announce.ts";
import { actingPerson } from "../acting-person.ts";
import { composeEngine } from "../compose.ts";
import { evidenceFolder } from "../known-evidence.ts";
import { print, printJson } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { storeOfStart } from "../stores/store-of-start.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends PlanOptions {
  readonly evidence?: string;
  readonly sandbox?: string;
  readonly message?: string;
  readonly at?: string;
  readonly again?: boolean;
  readonly by?: string;
  readonly json?: boolean;
}

/** Sends the notices that a plan asks for before its start, and records when. Exit 20 when a place did not take one. */
export async function announce(args: readonly string[], options: Options): Promise<number> {
  const path = planPath("announce", args, options);
  const { text, source, diagnostics } = await loadPlanFile(path, options, {
    useExamples: false,
    sandbox: options.sandbox ?? null,
  });
  tellDiagnostics(path, text, diagnostics);
  if (source === null) return 2;
  const known = announcementsOf(source).map(({ name }) => name);
  if (options.message !== undefined && !known.includes(options.message))
    throw new UsageError(
      `no check of ${path} asks for an announcement ${options.message}`,
      known.length === 0 ? "it asks for none" : `it asks for ${known.join(", ")}`,
    );
  if (known.length === 0)
    throw new UsageError(
      `no check of ${path} asks for an announcement`,
      "write into preflight: - { name: noticed, announced: MESSAGE, ahead: 24h }",
    );
  const engine = await composeEngine({
    evidence: evidenceFolder(options.evidence),
    store: await storeOfStart(source.plan),
    by: options.by ?? actingPerson(),
    observe: () => undefined,
  });
  const told = await send(engine, source, {
    only: options.message ?? null,
    planned: plannedTime(options.at),
    again: options.again === true,
  });
  if (options.json === true) printJson(told);
  else print(told.map(describe).join("\n"));
  return told.every(({ why }) => why === null) ? 0 : 20;
}

/** `--at`: when the rollout is to start; without it now. */
function plannedTime(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const at = Date.parse(text);
  if (!Number.isNaN(at) && /(?:Z|[+-]\d\d:\d\d)$/u.test(text)) return at;
  throw new UsageError(`--at ${text} is no time`, "write it with its zone: 2026-12-01T10:00Z");
}

function describe({ message, to, at, why, isNew }: Announced): string {
  if (why !== null) return `NOT TOLD: ${message} to ${to}: ${why}`;
  const when = new Date(at ?? 0).toISOString();
  return isNew
    ? `told: ${message} to ${to} at ${when}`
    : `was told: ${message} to ${to} at ${when}`;
}
