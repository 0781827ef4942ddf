import type { Json } from "../../src/core/units.ts";
import type { DriverContext } from "../../src/drivers/driver.ts";
import { createExec } from "../../src/drivers/exec.ts";
import { createHttp } from "../../src/drivers/http.ts";

export interface ContextParts {
  readonly connection?: Readonly<Record<string, Json>>;
  readonly signal?: AbortSignal;
  /** What references stand for: `{ "env:TOKEN": "s3cret" }`. One that is missing throws, as in the engine. */
  readonly references?: Readonly<Record<string, string>>;
}

/** A context with the real ports, as the engine builds it. */
export function driverContext(parts: ContextParts = {}): DriverContext {
  const identity = { rollout: "test-rollout", epoch: 1 };
  return {
    ...identity,
    signal: parts.signal ?? new AbortController().signal,
    exec: createExec(identity),
    http: createHttp(identity),
    connection: parts.connection ?? {},
    resolve: (text) =>
      text.replaceAll(/\$\{([^{}]*)\}/g, (_, name: string) => {
        const value = parts.references?.[name];
        if (value === undefined) throw new Error(`${name} has no value`);
        return value;
      }),
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
