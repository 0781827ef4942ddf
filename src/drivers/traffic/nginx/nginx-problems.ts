import { reloadProblems } from "../../env/reload.ts";
import type { Machine } from "../../machine/machine.ts";
import { directivesOf, findBlock, unquoted } from "./conf-block.ts";
import type { NginxRef } from "./nginx-field.ts";
import type { NginxInput } from "./nginx-input.ts";
import { runProblem } from "./workers.ts";
import { testConfiguration } from "./write-nginx.ts";

/** What stands in the way of an edit, its test and its reload, and what makes a share wrong. Changes nothing. */
export async function nginxProblems(
  input: NginxInput,
  ref: NginxRef,
  machine: Machine,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const edit = await machine.editProblem(ref.file);
  if (edit !== null) problems.push(edit);
  problems.push(...(await reloadProblems(ref.reload, machine)));
  const missing = await machine.findCommand({ argv: ref.test });
  if (missing !== null) return [...new Set([...problems, missing])];
  // First: `nginx -t` makes a pid file where there is none.
  const running = await runProblem(ref.pid, machine);
  if (running !== null) problems.push(running);
  const tested = await testConfiguration(ref, machine);
  if (tested.kind !== "ok") problems.push(`the configuration is broken already: ${tested.why}`);
  const text = await machine.readText(ref.file);
  return text.kind === "ok" ? [...problems, ...others(text.value, input)] : problems;
}

/** Servers and parts that get requests beside the named ones. */
function others(
  text: string,
  { upstream, split, canary, stable = [] }: NginxInput,
): readonly string[] {
  if (upstream !== undefined) {
    const block = findBlock(text, ([word, name]) => word === "upstream" && name === upstream, "");
    if (typeof block === "string") return [];
    return directivesOf(text, block).flatMap(({ words }) => {
      const [first, address = "", ...rest] = words.map((word) => unquoted(word.text));
      const idle = rest.includes("down") || rest.includes("backup");
      if (first !== "server" || idle || [...canary, ...stable].includes(address)) return [];
      return [
        `server ${address} of upstream ${upstream} gets requests too: name it under \`canary\` or \`stable\``,
      ];
    });
  }
  const block = findBlock(text, (words) => words[0] === "split_clients" && words[2] === split, "");
  if (typeof block === "string") return [];
  return directivesOf(text, block).flatMap(({ words }) => {
    const [percent = "", value = ""] = words.map((word) => unquoted(word.text));
    if (percent === "*" || canary.includes(value)) return [];
    return [
      `${percent} of ${split ?? ""} goes to ${value}: a share is of two, so leave only \`* …\` beside the new version`,
    ];
  });
}
