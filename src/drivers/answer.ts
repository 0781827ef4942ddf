import type { Answer, Failure } from "./driver.ts";

/** The call brought what was asked for. */
export function ok<T>(value: T): Answer<T> {
  return { kind: "ok", value };
}

/** The target said no, and nothing changed. */
export function failed(why: string): Failure {
  return { kind: "failed", why };
}

/** It may have happened or not. */
export function unknown(why: string): Failure {
  return { kind: "unknown", why };
}
