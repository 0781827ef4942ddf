import { UsageError } from "./usage-error.ts";

/** `--sandbox` as commander gives it: absent, bare, or with an address. */
export type SandboxOption = string | boolean | undefined;

export type SandboxChoice =
  | { readonly kind: "none" }
  | { readonly kind: "own" }
  | { readonly kind: "at"; readonly url: string };

export interface ChosenSandbox {
  readonly sandbox: SandboxChoice;
  readonly args: readonly string[];
}

/**
 * Which sandbox is meant. The value is optional, so that in `--sandbox plan.yaml` the plan looks like one: what is no
 * address is put back to the arguments.
 */
export function chooseSandbox(option: SandboxOption, args: readonly string[]): ChosenSandbox {
  if (option === undefined || option === false) return { sandbox: { kind: "none" }, args };
  if (option === true) return { sandbox: { kind: "own" }, args };
  const url = URL.parse(option);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:"))
    return { sandbox: { kind: "at", url: option.replace(/\/+$/u, "") }, args };
  if (args.length > 0 || /^\d/u.test(option))
    throw new UsageError(
      `--sandbox ${option} is no address`,
      "write --sandbox http://127.0.0.1:7070, or --sandbox alone to have one started",
    );
  return { sandbox: { kind: "own" }, args: [option] };
}
