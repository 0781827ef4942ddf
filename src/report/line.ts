/** What a line is about; each has its own sign and colour. */
export type Tone = "good" | "bad" | "warn" | "ask" | "step" | "back" | "info";

/** One thing that happened, in words for people. */
export interface Line {
  readonly tone: Tone;
  readonly text: string;
  /** Further lines below it: figures, lists, the commands to type next. */
  readonly more: readonly string[];
  /** Only of interest to who looks for it: kept from terminals, shown in reports. */
  readonly detail: boolean;
}

/** Builds a line that is part of the story. */
export function line(tone: Tone, text: string, more: readonly string[] = []): Line {
  return { tone, text, more, detail: false };
}

/** Builds a line that is a detail. */
export function detail(text: string, more: readonly string[] = []): Line {
  return { tone: "info", text, more, detail: true };
}
