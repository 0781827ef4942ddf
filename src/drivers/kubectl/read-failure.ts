import { failed, unknown } from "../answer.ts";
import type { Failure } from "../driver.ts";
import type { ExecResult } from "../exec.ts";

const INSTALL =
  "kubectl was not found on the PATH: install it (https://kubernetes.io/docs/tasks/tools/) and try again";

/** Reasons with which the API server says no: a 4xx, so nothing changed. */
const SAID_NO =
  /^Error from server \((?:NotFound|Forbidden|Invalid|Conflict|BadRequest|AlreadyExists|MethodNotAllowed|Unauthorized|TooManyRequests|NotAcceptable|UnsupportedMediaType|Gone|Expired|RequestEntityTooLarge)\)/m;
const INVALID = /^The .{1,200} is invalid:|^The request is invalid/m;
/** What kubectl finds out before it asks the server for the change. */
const LOCAL =
  /^Error in configuration:|^error: (?:context |no context|stat |unknown |the server doesn't have a resource type|invalid|no objects passed|the path |resource mapping not found|unable to (?:recognize|decode|parse)|error (?:loading|parsing|validating|converting)|no matching resources|you must |You must be logged in|at least one|arguments in resource\/name|there is no need|exactly |required |must (?:specify|provide)|.{0,200}no such file or directory)/m;
const WEBHOOK = /admission webhook .{1,300} denied the request/;
const NEEDS_PERSON =
  /\bapprov|\bchange[- ](?:control|request|freeze|window|management)|\bfreeze\b|\bticket\b|\breview (?:is )?(?:required|needed)/i;
/** Lines of kubectl's own log and of the server's warnings, which say nothing about the outcome. */
const NOISE = /^(?:[EWIF]\d{4} |Warning: |WARNING: |Unhandled Error)/;

const MAX_WORDS = 400;

/**
 * What a kubectl that did not end with 0 means. `failed` only where it is certain that nothing changed: the server
 * answered with a 4xx, or kubectl never asked. Everything else, a 5xx and a cut connection above all, is `unknown`.
 */
export function readFailure(result: ExecResult): Failure {
  if (!result.started) {
    const why = result.why ?? "kubectl did not start";
    return failed(/not found on the PATH/.test(why) ? INSTALL : `kubectl: ${why}`);
  }
  const words = wordsOf(result.stderr === "" ? result.stdout : result.stderr);
  if (result.exitCode === null)
    return unknown(`kubectl: ${result.why ?? "killed"}${words === "" ? "" : `; ${words}`}`);
  if (WEBHOOK.test(words))
    return NEEDS_PERSON.test(words) ? { kind: "approval", why: words } : failed(words);
  if (SAID_NO.test(words) || INVALID.test(words) || LOCAL.test(words)) return failed(words);
  return unknown(words === "" ? `kubectl ended with ${result.exitCode}` : words);
}

/** Whether the server refused the patch as such: a `test` in it did not hold, or its path is not there. */
export function isPatchMismatch(why: string): boolean {
  return /^The request is invalid: the server rejected our request|^Error from server \(Conflict\)|testing (?:value|path) .* failed|test(?:ing)? operation/m.test(
    why,
  );
}

export function isNotFound(why: string): boolean {
  return why.startsWith("Error from server (NotFound)");
}

export function isForbidden(why: string): boolean {
  return why.startsWith("Error from server (Forbidden)");
}

function wordsOf(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !NOISE.test(line));
  const words = lines.join("\n").trim();
  return words.length <= MAX_WORDS ? words : `${words.slice(0, MAX_WORDS)} …`;
}
