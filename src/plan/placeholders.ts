import { nearest } from "./nearest.ts";

/** What a placeholder refers to. `value` is the driver's own `${value}`: the value being written back. */
export type PlaceholderKind =
  | "params"
  | "env"
  | "file"
  | "outputs"
  | "stage"
  | "rollout"
  | "event"
  | "sandbox"
  | "window"
  | "traffic"
  | "arm"
  | "value";

/** One `${…}` in a text. `name` is what stands after the kind: `version` in `${params.version}`; empty for `${window}`. */
export interface Placeholder {
  readonly kind: PlaceholderKind;
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

export interface PlaceholderProblem {
  readonly message: string;
  readonly fix: string | null;
  readonly offset: number;
  readonly length: number;
}

export interface Placeholders {
  readonly found: readonly Placeholder[];
  readonly problems: readonly PlaceholderProblem[];
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  stage: ["name", "traffic", "folder"],
  rollout: ["id", "plan", "state", "started", "minutes", "stages"],
  event: ["kind", "text", "reason", "trigger", "by", "time"],
  sandbox: ["url"],
};
const WITH_NAME = ["params", "outputs", ...Object.keys(FIELDS)];
const ALONE = ["window", "traffic", "arm", "value"];
const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
/** What users of other tools write for the same thing. */
const HABITS: Readonly<Record<string, string>> = {
  "inputs.parameters": "params",
  parameters: "params",
  param: "params",
  vars: "params",
  inputs: "params",
  secrets: "env:",
  output: "outputs",
  environ: "env:",
};

/** Finds every `${…}` of a text; `$${` is an escaped `${` and is passed over. */
export function findPlaceholders(text: string): Placeholders {
  const found: Placeholder[] = [];
  const problems: PlaceholderProblem[] = [];
  for (let at = text.indexOf("${"); at !== -1; at = text.indexOf("${", at + 2)) {
    if (isEscaped(text, at)) continue;
    const end = text.indexOf("}", at);
    const next = text.indexOf("${", at + 2);
    if (end === -1 || (next !== -1 && next < end)) {
      problems.push({
        message: `\${ is not closed`,
        fix: "close it with }, or write $${ for a literal ${",
        offset: at,
        length: 2,
      });
      continue;
    }
    const body = text.slice(at + 2, end);
    const where = { offset: at, length: end + 1 - at };
    const read = classify(body);
    if ("message" in read) problems.push({ ...read, ...where });
    else found.push({ ...read, ...where });
  }
  return { found, problems };
}

function isEscaped(text: string, at: number): boolean {
  return at > 0 && text[at - 1] === "$";
}

type Read =
  | { readonly kind: PlaceholderKind; readonly name: string }
  | { readonly message: string; readonly fix: string | null };

function classify(body: string): Read {
  const whole = `\${${body}}`;
  if (body !== body.trim())
    return { message: `${whole} has spaces in it`, fix: `write \${${body.trim()}}` };
  if (ALONE.includes(body)) return { kind: body as PlaceholderKind, name: "" };
  const [, scheme, rest = ""] = /^([a-z]+):(.*)$/i.exec(body) ?? [];
  if (scheme !== undefined) return classifyReference(scheme, rest, whole);
  const dot = body.indexOf(".");
  if (dot === -1) return unknownWord(body, whole);
  const [kind, name] = [body.slice(0, dot), body.slice(dot + 1)];
  if (!WITH_NAME.includes(kind)) {
    const habit = HABITS[body.slice(0, body.lastIndexOf("."))] ?? HABITS[kind];
    const meant = habit ?? (kind === "env" ? "env:" : nearest(kind, WITH_NAME));
    const last = body.slice(body.lastIndexOf(".") + 1);
    const written = meant?.endsWith(":") === true ? `${meant}${last}` : `${meant}.${last}`;
    return unknown(whole, meant === null ? null : `did you mean \${${written}}?`);
  }
  const fields = FIELDS[kind];
  if (fields !== undefined && !fields.includes(name)) {
    const close = nearest(name, fields);
    const list = fields.map((field) => `\${${kind}.${field}}`).join(", ");
    return unknown(
      whole,
      close === null ? `there is ${list}` : `did you mean \${${kind}.${close}}?`,
    );
  }
  if (!NAME.test(name))
    return { message: `${whole} does not name anything`, fix: `write \${${kind}.name}` };
  return { kind: kind as PlaceholderKind, name };
}

function classifyReference(scheme: string, rest: string, whole: string): Read {
  if (scheme === "file")
    return rest === ""
      ? { message: `${whole} names no file`, fix: "write ${file:/path/to/file}" }
      : { kind: "file", name: rest };
  if (scheme !== "env") {
    const close = nearest(scheme, ["env", "file"]);
    return unknown(whole, close === null ? null : `did you mean \${${close}:${rest}}?`);
  }
  const [, name = "", more = ""] = /^([A-Za-z_][A-Za-z0-9_]*)?(.*)$/s.exec(rest) ?? [];
  if (name === "") return { message: `${whole} names no variable`, fix: "write ${env:NAME}" };
  if (more.startsWith(":-") || more.startsWith("-") || more.startsWith(":"))
    return {
      message: `${whole} has a default, which does not exist here`,
      fix: `write \${env:${name}}, or a parameter with \`default\``,
    };
  if (more !== "")
    return { message: `${whole} is not a variable's name`, fix: `write \${env:${name}}` };
  return { kind: "env", name };
}

function unknownWord(body: string, whole: string): Read {
  const close = nearest(body, ALONE);
  if (close !== null) return unknown(whole, `did you mean \${${close}}?`);
  if (/^[A-Z][A-Z0-9_]*$/.test(body)) return unknown(whole, `did you mean \${env:${body}}?`);
  if (NAME.test(body)) return unknown(whole, `did you mean \${params.${body}}?`);
  return unknown(whole, "write ${params.x}, ${env:X}, ${file:/path} or $${ for a literal ${");
}

function unknown(whole: string, fix: string | null): Read {
  return { message: `${whole} stands for nothing`, fix };
}
