import type { YAMLError } from "yaml";

import type { LoadCode } from "../load-codes.ts";

interface Words {
  readonly code: LoadCode;
  readonly message: string;
  readonly fix: string | null;
}

/** A parser's error in words that say what to write. */
export function yamlProblem(error: YAMLError, text: string): Words {
  const [start, end] = error.pos;
  if (error.code === "DUPLICATE_KEY") {
    const key = text.slice(start, end).split(/[:\s]/, 1)[0] ?? "";
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
  return { code: "yaml", message: decapitalize(error.message), fix: hintFor(error) };
}

function hintFor(error: YAMLError): string | null {
  switch (error.code) {
    case "BAD_INDENT":
      return "indent it like the lines beside it";
    case "BAD_SCALAR_START":
      return "put the text in quotes";
    case "MISSING_CHAR":
      return "close what was opened";
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return "put text with `: ` in it in quotes";
    case "BAD_ALIAS":
      return "quote text that begins with *";
    default:
      return null;
  }
}

function decapitalize(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}
