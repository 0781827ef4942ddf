import { z } from "zod";

import type { Json } from "../../core/units.ts";
import type { DriverContext } from "../driver.ts";
import { parseJson } from "./parse-json.ts";
import { errorSample, type NoValue } from "./sample-of.ts";
import {
  askSource,
  describeStatus,
  firstWords,
  type SignIn,
  type SourceRequest,
} from "./source-request.ts";

export type JsonAnswer = { readonly kind: "json"; readonly json: Json };

/** Asks a source that answers JSON with status 200; anything else is an error in words. `name` is what answers, for these. */
export async function askJson(
  name: string,
  request: Omit<SourceRequest, "accept">,
  signIn: SignIn,
  context: DriverContext,
): Promise<JsonAnswer | NoValue> {
  const answer = await askSource({ ...request, accept: "application/json" }, signIn, context);
  if (answer.kind === "noAnswer") return errorSample(`${name} at ${answer.why}`);
  const json = parseJson(answer.body);
  if (answer.status !== 200)
    return errorSample(`${name} ${describeStatus(answer.status, wordsIn(json) ?? answer.body)}`);
  if (json !== undefined) return { kind: "json", json };
  const words = firstWords(answer.body);
  return errorSample(
    words === "" ? `${name} answered 200 with nothing in it` : `${name} answered no JSON: ${words}`,
  );
}

const errorBody = z.union([
  z.string(),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ message: z.string() }).transform(({ message }) => message),
]);

/** What an error body says for people, in the shapes that the servers here use. */
function wordsIn(json: Json | undefined): string | null {
  const parsed = errorBody.safeParse(json);
  return parsed.success ? parsed.data : null;
}
