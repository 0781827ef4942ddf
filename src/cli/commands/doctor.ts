import type { Examined } from "../../engine/examine.ts";
import type { PlanSource } from "../../engine/ports.ts";
import { actingPerson } from "../acting-person.ts";
import { composeEngine } from "../compose.ts";
import { evidenceFolder } from "../known-evidence.ts";
import type { Applied, PolicyOptions } from "../policy/apply-policy.ts";
import { print, printJson } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends PlanOptions, PolicyOptions {
  readonly evidence?: string;
  readonly sandbox?: string;
  readonly json?: boolean;
}

/** Asks all that a start would ask before its first change, and changes nothing. Exit 20, or 22 by the policy, when a start would be refused. */
export async function doctor(args: readonly string[], options: Options): Promise<number> {
  const path = planPath("doctor", args, options);
  const { text, source, diagnostics } = await loadPlanFile(path, options, {
    useExamples: false,
    // An address of the right shape: what is wrong with the plan is said before what is missing for it.
    sandbox: options.sandbox ?? "http://127.0.0.1:7070",
  });
  tellDiagnostics(path, text, diagnostics);
  if (source === null) return 2;
  if (text.includes("${sandbox.url}") && options.sandbox === undefined)
    throw new UsageError(
      `${path} works against a sandbox, and none is named`,
      `canary sandbox --port 7070, and then canary doctor ${path} --sandbox http://127.0.0.1:7070`,
    );
  const evidence = evidenceFolder(options.evidence);
  const [{ examine }, { applyPolicy }, { knowingDrills }] = await Promise.all([
    import("../../engine/examine.ts"),
    import("../policy/apply-policy.ts"),
    import("../known-drills.ts"),
  ]);
  const applied = await applyPolicy(source, options);
  if (applied === "wrong") return 2;
  const governed = applied === "none" ? source : applied.source;
  const engine = await knowingDrills(
    await composeEngine({
      ...{ evidence, by: actingPerson(), observe: () => undefined },
      store: await (await import("../stores/store-of-start.ts")).storeOfStart(source.plan),
    }),
    governed,
  );
  const examined = [
    await examineFolders(evidence),
    ...(await examineStore(source.plan)),
    ...(await examine(engine, governed, AbortSignal.timeout(PATIENCE))),
  ];
  const isReady = examined.every(({ problems }) => problems.length === 0);
  const policy = applied === "none" ? [] : [examinePolicy(applied)];
  const isApproved = policy.every(({ problems }) => problems.length === 0);
  examined.push(...policy);
  const isWell = isReady && isApproved;
  if (options.json === true) printJson({ ok: isWell, examined });
  else print(shown(examined, isWell, path));
  return isWell ? 0 : isReady ? 22 : 20;
}

function examinePolicy({ found, evaluated }: Applied): Area {
  const { tier, because, problems } = evaluated;
  return {
    area: "policy",
    seen: [found.path, `tier ${tier}: ${because.join("; ")}`],
    problems: problems.map(({ rule, message, fix }) => `${rule}: ${message}; ${fix}`),
  };
}

/** All the questions together, in milliseconds. */
const PATIENCE = 180_000;

type Area = Omit<Examined, "area"> & { readonly area: string };

/** The shared store, where a start of this plan would use one. */
async function examineStore(plan: PlanSource["plan"]): Promise<readonly Area[]> {
  const { storeOfStart, problemOf } = await import("../stores/store-of-start.ts");
  const store = await storeOfStart(plan);
  if (store === null) return [];
  const problem = await problemOf(store);
  return [{ area: "store", seen: [store], problems: problem === null ? [] : [problem] }];
}

async function examineFolders(evidence: string): Promise<Area> {
  const [{ localDiskProblem }, { stateDir }] = await Promise.all([
    import("../../store/local-disk-problem.ts"),
    import("../../store/state-dir.ts"),
  ]);
  const folders = [evidence, stateDir()];
  const found = await Promise.all(folders.map(localDiskProblem));
  return {
    area: "evidence and state",
    seen: folders,
    problems: found.filter((problem) => problem !== null),
  };
}

function shown(examined: readonly Area[], isWell: boolean, path: string): string {
  const lines = examined.flatMap(({ area, seen, problems }) => [
    `${problems.length === 0 ? "well" : "NOT WELL"}: ${area}`,
    ...problems.map((problem) => `  - ${problem}`),
    ...seen.map((each) => `  ${each}`),
  ]);
  const verdict = isWell
    ? `a start would begin now: canary start ${path}`
    : "a start would be refused; nothing was touched";
  return [...lines, verdict].join("\n");
}
