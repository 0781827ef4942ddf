import { calibrationLines, rolloutLine, summaryLines } from "../../backtest/backtest-lines.ts";
import { backtest } from "../../backtest/backtest.ts";
import { pastTime } from "../../backtest/past-time.ts";
import { summarize, type Incident } from "../../backtest/summarize.ts";
import { createHttp } from "../../drivers/http.ts";
import { builtInDrivers } from "../../drivers/registry.ts";
import { parseDuration } from "../../plan/scalars/parse-duration.ts";
import { createMemoryStore } from "../../store/memory-store.ts";
import { print, printJson, tell } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { readSecret } from "../read-secret.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends PlanOptions {
  readonly from?: string;
  readonly to?: string;
  readonly every?: string;
  readonly incident?: readonly string[];
  readonly canaryArm?: string;
  readonly stableArm?: string;
  readonly calibrate?: boolean;
  readonly json?: boolean;
}

/** Runs a plan over the past of its metrics. Exits 0 however the rollouts would have ended. */
export async function backtestPlan(args: readonly string[], options: Options): Promise<number> {
  const path = planPath("backtest", args, options);
  const now = Date.now();
  const { from, to } = spanOf("--from and --to", options.from, options.to ?? "now", now);
  const incidents = (options.incident ?? []).map((text) => incidentOf(text, now));
  const every = options.every === undefined ? null : everyOf(options.every);
  const loaded = { useExamples: true, sandbox: null };
  const { text, source, diagnostics } = await loadPlanFile(path, options, loaded);
  tellDiagnostics(path, text, diagnostics);
  if (source === null) return 2;
  const isJson = options.json === true;
  const { canaryArm: canary, stableArm: stable } = options;
  const done = await backtest(source, {
    from,
    to,
    every,
    arms: {
      ...(canary === undefined ? {} : { canary }),
      ...(stable === undefined ? {} : { stable }),
    },
    incidents,
    calibrates: options.calibrate === true,
    catalog: builtInDrivers(),
    http: createHttp({ rollout: "backtest", epoch: 0 }),
    secret: readSecret,
    store: createMemoryStore,
    onRollout: (rollout) => {
      if (!isJson) print(rolloutLine(rollout));
    },
  });
  for (const name of done.assumed)
    tell(`warning: ${name} cannot be asked of the past: it was taken to be healthy`);
  const summary = summarize(done.rollouts, incidents);
  if (isJson) {
    const span = { from, to, every };
    printJson({ digest: source.digest, ...span, summary, ...done });
    return 0;
  }
  const calibrations = options.calibrate === true ? calibrationLines(done.calibrations) : [];
  print(["", ...summaryLines(summary), ...calibrations].join("\n"));
  return 0;
}

function spanOf(
  option: string,
  fromText: string | undefined,
  toText: string,
  now: number,
): Incident {
  const fix = "write 2026-11-01, 2026-11-01T09:30Z, now, or how long ago: 14d";
  if (fromText === undefined) throw new UsageError("--from is missing", fix);
  const [from, to] = [pastTime(fromText, now), pastTime(toText, now)];
  if (from === null) throw new UsageError(`${option}: ${fromText} is no time`, fix);
  if (to === null) throw new UsageError(`${option}: ${toText} is no time`, fix);
  if (to > now) throw new UsageError(`${option}: ${toText} is not over yet`, "ask about the past");
  if (from >= to) throw new UsageError(`${option}: ${fromText} is not before ${toText}`);
  return { from, to };
}

function incidentOf(text: string, now: number): Incident {
  const [from, to, ...rest] = text.split("/");
  if (to === undefined || rest.length > 0)
    throw new UsageError(
      `--incident ${text}`,
      "write FROM/TO: 2026-11-03T10:00Z/2026-11-03T11:30Z",
    );
  return spanOf("--incident", from, to, now);
}

function everyOf(text: string): number {
  const parsed = parseDuration(text);
  if (parsed.kind !== "ok") throw new UsageError(`--every ${text}`, "write a duration: 1h, 1d");
  if (parsed.value < 1000) throw new UsageError(`--every ${text} is less than a second`);
  return parsed.value;
}
