import { print, printJson } from "../print.ts";
import { loadPlanFile, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends PlanOptions {
  readonly json?: boolean;
}

/** Checks plans. Exit 2 when one has an error; warnings alone exit 0. */
export async function lint(args: readonly string[], options: Options): Promise<number> {
  const paths = options.plan === undefined ? args : [...args, options.plan];
  if (paths.length === 0)
    throw new UsageError("no plan is named", "canary lint PLAN, or begin one with `canary init`");
  const found = await Promise.all(
    paths.map(async (path) => {
      const loaded = await loadPlanFile(path, options, { useExamples: true, sandbox: null });
      return { path, loaded };
    }),
  );
  const wrong = found.some(({ loaded }) => loaded.source === null);
  if (options.json === true) {
    printJson(found.flatMap(({ loaded }) => loaded.diagnostics));
    return wrong ? 2 : 0;
  }
  for (const { path, loaded } of found) {
    const { text, source, diagnostics } = loaded;
    tellDiagnostics(path, text, diagnostics);
    if (source !== null && diagnostics.length === 0) print(`${path}: no problems`);
  }
  return wrong ? 2 : 0;
}
