import { startSandbox } from "../../sandbox/start-sandbox.ts";
import { print, tell } from "../print.ts";
import { UsageError } from "../usage-error.ts";
import { wholeNumber } from "../whole-number.ts";

interface Options {
  readonly port?: string;
  readonly seed?: string;
  readonly logDir?: string;
}

/** Runs a sandbox in the foreground until a signal ends it. */
export async function sandbox(_args: readonly string[], options: Options): Promise<number> {
  const port = wholeNumber("--port", options.port ?? "7070", { least: 0, most: 65_535 });
  const seed =
    options.seed === undefined
      ? {}
      : { seed: wholeNumber("--seed", options.seed, { least: 0, most: 2 ** 31 - 1 }) };
  const logDir = options.logDir === undefined ? {} : { logDir: options.logDir };
  const running = await startSandbox({ port, ...seed, ...logDir }).catch((error: unknown) => {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  });
  print(running.url);
  tell(
    [
      `a world to roll out in, at ${running.url} (Ctrl-C ends it)`,
      `  start:  canary start plans/quickstart.yaml --sandbox ${running.url}`,
      `  look:   curl ${running.url}/state`,
      `  break:  curl -X POST ${running.url}/knobs -d '{"canary":{"errorRate":0.5}}'`,
      `  heal:   curl -X DELETE ${running.url}/knobs`,
    ].join("\n"),
  );
  await new Promise<void>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(name, () => resolve());
  });
  await running.close();
  return 0;
}
