import { drilled } from "../drill-note.ts";
import { lintPolicy } from "../policy/lint-policy.ts";
import { print, printJson, tell } from "../print.ts";
import { loadPlanFile, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends PlanOptions {
  readonly json?: boolean;
}

/** Checks plans and policies. Exit 2 when one has an error; warnings alone exit 0. */
export async function lint(args: readonly string[], options: Options): Promise<number> {
  const paths = options.plan === undefined ? args : [...args, options.plan];
  if (paths.length === 0)
    throw new UsageError("no plan is named", "canary lint PLAN, or begin one with `canary init`");
  const found = await Promise.all(
    paths.map(async (path) => {
      const policy = await lintPolicy(path);
      if (policy !== null) return { path, ...policy, note: null };
      const load = { useExamples: true, sandbox: null };
      const { text, source, diagnostics } = await loadPlanFile(path, options, load);
      const { note } = source === null ? { note: null } : await drilled(source);
      return { path, text, diagnostics, isWrong: source === null, note };
    }),
  );
  const wrong = found.some(({ isWrong }) => isWrong);
  if (options.json === true) {
    printJson(found.flatMap(({ diagnostics }) => diagnostics));
    return wrong ? 2 : 0;
  }
  for (const { path, text, diagnostics, isWrong, note } of found) {
    tellDiagnostics(path, text, diagnostics);
    if (!isWrong && diagnostics.length === 0) print(`${path}: no problems`);
    if (note !== null) tell(`${path}: note: ${note}`);
  }
  return wrong ? 2 : 0;
}
