import { directivesOf, findBlock, unquoted, type ConfBlock, type Directive } from "./conf-block.ts";

/** Where in a file something stands that a share is made of. A type: only that is known to be plain JSON. */
export type ConfPlace =
  /** What follows the address of a server: ` weight=5 max_fails=2`. */
  | { readonly kind: "server"; readonly upstream: string; readonly address: string }
  /** The percentage of a value in a `split_clients` block: `5%`. */
  | { readonly kind: "part"; readonly variable: string; readonly value: string }
  /** The value of an entry of a `map`. */
  | { readonly kind: "entry"; readonly variable: string; readonly key: string };

/** The text of each place, as it is written; null where it is not there. */
export type ConfValues = Readonly<Record<string, string | null>>;

/** A name of a place for people, and its key among the values. */
export function placeName(place: ConfPlace): string {
  switch (place.kind) {
    case "server":
      return `upstream ${place.upstream} ${place.address}`;
    case "part":
      return `split_clients ${place.variable} ${place.value}`;
    case "entry":
      return `map ${place.variable} ${place.key}`;
  }
}

/** The text of a place, or null where it is not there; an Error says why that cannot be told. */
export function readPlace(text: string, place: ConfPlace): string | null | Error {
  const found = locate(text, place);
  if (found instanceof Error) return found;
  return found.at === null ? null : text.slice(found.at.start, found.at.end);
}

/** The text with another one at a place; null takes an entry or part away again, to the byte. */
export function writePlace(text: string, place: ConfPlace, value: string | null): string | Error {
  const found = locate(text, place);
  if (found instanceof Error) return found;
  const { at, block, whole } = found;
  if (at !== null && value !== null) return text.slice(0, at.start) + value + text.slice(at.end);
  if (at === null && value === null) return text;
  if (value === null) return text.slice(0, whole.start) + text.slice(whole.end);
  // New ones go first: the parts of `split_clients` end with `*`.
  return `${text.slice(0, block.start)}\n    ${lineOf(place, value)};${text.slice(block.start)}`;
}

function lineOf(place: ConfPlace, value: string): string {
  return place.kind === "part"
    ? `${value} ${place.value}`
    : `${place.kind === "entry" ? place.key : `server ${place.address}`} ${value}`;
}

interface Located {
  readonly block: ConfBlock;
  readonly at: { readonly start: number; readonly end: number } | null;
  /** The directive with its `;` and the space before it. */
  readonly whole: { readonly start: number; readonly end: number };
}

function locate(text: string, place: ConfPlace): Located | Error {
  const block = blockOf(text, place);
  if (typeof block === "string") return new Error(block);
  const found = directivesOf(text, block).filter((directive) => isAt(directive, place));
  const [only] = found;
  if (found.length > 1) return new Error(`${placeName(place)} is there ${found.length} times`);
  if (only === undefined && place.kind === "server")
    return new Error(`there is no server ${place.address} in upstream ${place.upstream}`);
  const nowhere = { start: block.start, end: block.start };
  if (only === undefined) return { block, at: null, whole: nowhere };
  const [first, second] = only.words;
  if (first === undefined || second === undefined) return { block, at: null, whole: nowhere };
  const before = /\s*$/.exec(text.slice(block.start, first.start))?.[0].length ?? 0;
  const whole = { start: first.start - before, end: only.end + 1 };
  switch (place.kind) {
    case "server":
      return { block, at: { start: second.end, end: only.end }, whole };
    case "part":
      return { block, at: { start: first.start, end: first.end }, whole };
    case "entry":
      return { block, at: { start: second.start, end: second.end }, whole };
  }
}

function isAt({ words }: Directive, place: ConfPlace): boolean {
  const [first = "", second = ""] = words.map(({ text }) => unquoted(text));
  if (place.kind === "server") return first === "server" && second === place.address;
  return place.kind === "part" ? first !== "*" && second === place.value : first === place.key;
}

function blockOf(text: string, place: ConfPlace): ConfBlock | string {
  switch (place.kind) {
    case "server":
      return findBlock(
        text,
        ([word, name]) => word === "upstream" && name === place.upstream,
        `upstream ${place.upstream}`,
      );
    case "part":
      return findBlock(
        text,
        (words) => words[0] === "split_clients" && words[2] === place.variable,
        `split_clients … ${place.variable}`,
      );
    case "entry":
      return findBlock(
        text,
        (words) => words[0] === "map" && words[2] === place.variable,
        `map … ${place.variable}`,
      );
  }
}
