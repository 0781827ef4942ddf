import type { Json } from "../../core/units.ts";
import { show } from "../decode/show.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";

const FORM = /^\s*params\.([A-Za-z_][A-Za-z0-9_-]*)\s*(==|!=)\s*(.+?)\s*$/;

/** Whether an item with this `if` is part of the plan. What is wrong with it is reported, and the item then stays. */
export function evaluateIf(loading: Loading, given: Json | undefined, path: SourcePath): boolean {
  if (given === undefined) return true;
  const written = loading.source.written(path);
  const text = typeof given === "string" ? given : "";
  const [, name, operator, literal = ""] = FORM.exec(text) ?? [];
  if (name === undefined) {
    const message = `${show(given, written)} is not a condition on a parameter`;
    const fix = "write it like params.by == flag, or params.by != flag";
    loading.report(path, { code: "if-syntax", message, fix });
    return true;
  }
  const value = loading.params.get(name);
  if (value === undefined) {
    const close = unknownName(name, [...loading.params.keys()]);
    const fix = close ?? "define it under `params`";
    const part = { offset: text.indexOf(name), length: name.length };
    loading.report(path, {
      code: "unknown-param",
      message: `there is no parameter ${name}`,
      fix,
      part,
    });
    return true;
  }
  const wanted = /^(["']).*\1$/.test(literal) ? literal.slice(1, -1) : literal;
  const choices = loading.choices.get(name);
  if (choices !== undefined && !choices.includes(wanted)) {
    const message = `params.${name} is never ${wanted}`;
    const part = { offset: text.lastIndexOf(literal), length: literal.length };
    loading.report(path, { code: "if-choice", message, fix: unknownName(wanted, choices), part });
    return true;
  }
  return (String(value) === wanted) === (operator === "==");
}
