import type { Notice } from "./sink.ts";

/** The links of a notice that a browser can open: a runbook may also be a path in a repository. */
export function webLinks({
  links,
}: Notice): readonly { readonly href: string; readonly text: string }[] {
  return Object.entries(links).flatMap(([text, href]) =>
    /^https?:\/\//u.test(href) ? [{ href, text }] : [],
  );
}
