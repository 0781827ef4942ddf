import type { Json } from "../../core/units.ts";
import { ok } from "../answer.ts";
import type { Answer, CallResult, DriverContext, Request } from "../driver.ts";
import { prefillJson } from "../template.ts";
import { toRequest, type RequestInput } from "./rest-request.ts";
import { sendRequest } from "./send-request.ts";

/** What a call needs of the input of an `http` action. */
interface CallInput extends RequestInput {
  readonly expect?: { readonly status: number | readonly number[] } | undefined;
}

/** Sends the request of an `http` action once, and gives back its answer for outputs. */
export async function callHttp(
  request: Request<CallInput>,
  context: DriverContext,
): Promise<Answer<CallResult>> {
  const input = withShare(request);
  const { expect } = input;
  const options = expect === undefined ? {} : { expect: [expect.status].flat() };
  const answer = await sendRequest(toRequest(input), context, options);
  return answer.kind === "ok" ? ok({ body: parsed(answer.value.body) }) : answer;
}

/** The input with its `${traffic}` filled: a number where the plan writes exactly that. */
export function withShare<I>({ input, share }: Request<I>): I {
  if (share === null) return input;
  const filled = prefillJson(JSON.parse(JSON.stringify(input)) as Json, (name) =>
    name === "traffic" ? share : undefined,
  );
  return filled as I;
}

function parsed(body: string): Json {
  if (body.trim() === "") return null;
  try {
    return JSON.parse(body) as Json;
  } catch {
    return body;
  }
}
