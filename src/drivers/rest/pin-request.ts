import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { escapeText, fillText, mapTexts, prefillText, type Lookup } from "../template.ts";
import { joinAddress } from "./address.ts";
import type { RestRequest } from "./rest-request.ts";
import { connectionOf } from "./send-request.ts";

/** Placeholders that stay references in a stored request: secrets, and the value itself. */
const STAYS = /^(env:|file:|outputs\.|value$)/;
/** Stands for `${value}` while the address is joined: braces do not survive a URL parser. */
const MARKER = "canary-value-goes-here";

/**
 * A request as it can be stored and sent again by another process: its address is full, and what depends on the moment
 * (`${stage.name}`) is filled in. Secrets in headers and body stay references.
 */
export function pinRequest(request: RestRequest, context: DriverContext): Answer<RestRequest> {
  const pin: Lookup = (name) => (STAYS.test(name) ? undefined : context.resolve(`\${${name}}`));
  const pinText = (text: string): string => prefillText(text, pin);
  try {
    const address = fillText(request.url, (name) =>
      name === "value" ? MARKER : context.resolve(`\${${name}}`),
    );
    const joined = joinAddress(connectionOf(context)?.url ?? null, address);
    if (joined.kind === "wrong") return failed(`${request.method} ${request.url}: ${joined.why}`);
    return ok({
      ...request,
      url: escapeText(joined.url).replaceAll(MARKER, "${value}"),
      header: Object.fromEntries(
        Object.entries(request.header).map(([name, text]) => [name, pinText(text)]),
      ),
      ...(request.json === undefined ? {} : { json: mapTexts(request.json, pinText) }),
      ...(request.body === undefined ? {} : { body: pinText(request.body) }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed(`${request.method} ${request.url}: ${why}`);
  }
}
