import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { DriverContext, MetricDriver } from "../driver.ts";
import { jsonPathInput } from "../json-path-input.ts";
import { plainQuery } from "./fill-window.ts";
import { createPace } from "./pace.ts";
import { parseJson } from "./parse-json.ts";
import { answerShape, readAnswer } from "./read-answer.ts";
import { errorSample, noDataSample } from "./sample-of.ts";
import {
  askSource,
  describeStatus,
  firstWords,
  signInShape,
  type SignIn,
} from "./source-request.ts";
import { withinSignal } from "./within-signal.ts";

export const httpJsonConfig = z.strictObject({
  url: z.string().min(1).describe("the address that answers JSON"),
  ...signInShape,
});

export const httpJsonQuery = z.strictObject({
  value: jsonPathInput.describe("path of the value in the answer, like data.items[0].p95"),
  ...answerShape,
});

export type HttpJsonConfig = z.infer<typeof httpJsonConfig>;
export type HttpJsonQuery = z.infer<typeof httpJsonQuery>;

/** A number, boolean or numeric text in a JSON answer. Its window is the source's own: the plan states it. */
export const httpJsonDriver: MetricDriver<HttpJsonConfig, HttpJsonQuery> = {
  type: "http-json",
  description: "reads a value out of a JSON answer",
  config: httpJsonConfig,
  query: httpJsonQuery,
  window: () => null,
  unit: () => null,
  over: "ignored",
  counts: (query) => query.samples !== undefined,
  lint: () => [],
  open(opened) {
    const pace = createPace();
    return {
      sample(query, _window, context) {
        const source: JsonSource = { ...opened, ...context.connection, pace };
        return withinSignal(context.signal, ask(source, plainQuery(query), context));
      },
      close: () => undefined,
    };
  },
};

type JsonSource = SignIn & { readonly url: string };

async function ask(
  source: JsonSource,
  query: HttpJsonQuery,
  context: DriverContext,
): Promise<Sample> {
  const answer = await askSource(
    { url: source.url, method: "GET", accept: "application/json" },
    source,
    context,
  );
  if (answer.kind === "noAnswer") return errorSample(answer.why);
  if (answer.status === 204) return noDataSample("the source answered 204: it has no content");
  if (answer.status !== 200)
    return errorSample(`the source ${describeStatus(answer.status, answer.body)}`);
  const json = parseJson(answer.body);
  if (json !== undefined) return readAnswer(json, query, context.now());
  const words = firstWords(answer.body);
  return errorSample(
    words === ""
      ? "the source answered 200 with nothing in it"
      : `the source did not answer JSON: ${words}`,
  );
}
