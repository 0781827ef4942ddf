import type { Field } from "../../core/field.ts";
import { systemctl } from "./systemd.ts";

/**
 * What the field of a service needs to be read and written from any process on its host. A type rather than an interface:
 * only that is known to be plain JSON.
 */
export type ServiceRef = {
  readonly host: string;
  readonly name: string;
  readonly user: boolean;
  readonly commands: ServiceCommands | null;
};

type ServiceCommands = {
  readonly running: readonly string[];
  readonly start: readonly string[];
  readonly stop: readonly string[];
  readonly restart?: readonly string[];
  readonly reload?: readonly string[];
};

export type ServiceVerb = "start" | "stop" | "restart" | "reload";

/**
 * The parsed `ref` of a field.
 * @throws when it is none: a damaged bundle.
 */
export function serviceRefOf(field: Field): ServiceRef {
  const { ref } = field;
  if (!isServiceRef(ref)) throw new Error(`${field.key} is no service`);
  return ref;
}

function isServiceRef(ref: unknown): ref is ServiceRef {
  if (typeof ref !== "object" || ref === null) return false;
  const { host, name, user, commands } = ref as Readonly<Record<string, unknown>>;
  return (
    typeof host === "string" &&
    typeof name === "string" &&
    typeof user === "boolean" &&
    typeof commands === "object" &&
    (commands === null || ("running" in commands && "start" in commands && "stop" in commands))
  );
}

/** The command that does this to the service. */
export function argvOf(ref: ServiceRef, verb: ServiceVerb): readonly string[] {
  if (ref.commands === null) return systemctl(ref, verb);
  return ref.commands[verb] ?? ref.commands.start;
}
