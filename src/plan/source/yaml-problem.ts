import type { YAMLError } from "yaml";

import type { LoadCode } from "../load-codes.ts";
import { isLost } from "./is-lost.ts";

interface Words {
  readonly code: LoadCode;
  readonly message: string;
  readonly fix: string | null;
}

/** A parser's error in words that say what to write. */
export function yamlProblem(error: YAMLError, text: string): Words {
  const [start, end] = error.pos;
  if (error.code === "DUPLICATE_KEY") {
    // The parser points at the first letter of the key alone.
    const [key = ""] = /^(?:"[^"]*"|'[^']*'|[^\s:,}]+)/.exec(text.slice(start)) ?? [];
    return {
      code: "duplicate-key",
      message: `\`${key}\` stands twice in the same map`,
      fix: "keep one of them",
    };
  }
  if (error.code === "TAB_AS_INDENT")
    return { code: "yaml", message: "a tab indents this line", fix: "indent with spaces" };
  if (error.code === "MULTIPLE_DOCS")
    return {
      code: "yaml",
      message: "a second document starts here",
      fix: "keep one plan in a file: remove the `---`",
    };
  if (error.code === "TAG_RESOLVE_FAILED")
    return {
      code: "yaml",
      message: `the tag ${text.slice(start, end).trim()} means nothing here`,
      fix: "remove it, or quote the value",
    };
  const unclosed = /and end with a (.)$/.exec(error.message)?.[1];
  if (unclosed !== undefined)
    return {
      code: "yaml",
      message: "a list or map in brackets is not closed before this line",
      fix: `close it with ${unclosed}, or indent this line further`,
    };
  const [message, fix] = wordsFor(error);
  return { code: "yaml", message, fix };
}

/** The parser's own words where they are plain, else what they mean to somebody who writes plans. */
function wordsFor({ code, message }: YAMLError): readonly [message: string, fix: string] {
  const isInside = /between flow (?:map|seq) items|flow-(?:map|seq)-start at node end/u;
  if (isInside.test(message))
    return [
      "this text ends the item it stands in",
      "put the whole text in quotes: inside { } and [ ] the signs , : { } [ ] # have a meaning",
    ];
  if (message.includes("on same line with key"))
    return ["a list begins on the line of its key", "put the `-` on the next line, indented"];
  if (isLost({ message }))
    return [
      "this does not belong to the lines above",
      "indent it like the lines it belongs to, or mend the line before it",
    ];
  switch (code) {
    case "BAD_INDENT":
      return [decapitalize(message), "indent it like the lines beside it"];
    case "BAD_SCALAR_START":
      return [decapitalize(message), "put the text in quotes"];
    case "MISSING_CHAR":
      return message.includes("quote")
        ? ["this quote is not closed", "close it at the end of the text"]
        : [decapitalize(message), "close what was opened"];
    case "BLOCK_AS_IMPLICIT_KEY":
      return [
        "a second `: ` stands on this line, or the next line is indented too far",
        "put text with `: ` in it in quotes, and indent the keys of one map alike",
      ];
    case "MULTILINE_IMPLICIT_KEY":
      return [
        "this line has no `: ` after its key",
        "write `key: value`, or indent it to go on with the text above",
      ];
    case "BAD_ALIAS":
      return [decapitalize(message), "quote text that begins with *"];
    default:
      return [decapitalize(message), "check the quotes, brackets and indentation here"];
  }
}

function decapitalize(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}
