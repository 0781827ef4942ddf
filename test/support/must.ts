import type { Answer } from "../../src/drivers/driver.ts";

/** The value of an answer that must be there. */
export function must<T>(answer: Answer<T>): T {
  if (answer.kind === "ok") return answer.value;
  throw new Error(`${answer.kind}: ${answer.why}`);
}
