import type { YAMLError } from "yaml";

/**
 * The range that a parser's error is about. The parser notices a quote that is not closed at the end of the file; its
 * author looks for it where it was opened, which is the last quote there is.
 */
export function placeOfError({ message, pos }: YAMLError, text: string): readonly [number, number] {
  const [, quote] = /^Missing closing (["'])quote/.exec(message) ?? [];
  if (quote === undefined) return pos;
  const opened = text.lastIndexOf(quote, pos[0]);
  return opened === -1 ? pos : [opened, opened + 1];
}
