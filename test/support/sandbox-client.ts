import {
  startSandbox,
  type Sandbox,
  type SandboxOptions,
} from "../../src/sandbox/start-sandbox.ts";
import { afterTest } from "./after-test.ts";

/** An answer of the sandbox; `json` is `undefined` when the body is none. */
export interface SandboxAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach into bodies whose shape they assert
  readonly json: any;
}

/** Starts a sandbox on a free port, which ends with the test. */
export async function sandboxForTest(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ port: 0, ...options });
  afterTest(() => sandbox.close());
  return sandbox;
}

/** Sends one request, with `body` as JSON; a hanging one ends after `timeoutMs` with a rejection. */
export async function ask(
  url: string,
  method = "GET",
  body?: unknown,
  options: { headers?: Record<string, string>; timeoutMs?: number } = {},
): Promise<SandboxAnswer> {
  const response = await fetch(url, {
    method,
    ...(options.headers === undefined ? {} : { headers: options.headers }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    text,
    json: parse(text),
  };
}

/** Waits until `read` gives something that passes `done`, and gives it; the test's own timeout ends a vain wait. */
export async function eventually<T>(
  read: () => Promise<T>,
  done: (value: T) => boolean,
): Promise<T> {
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
