import type { YAMLError } from "yaml";

/** Whether the parser found a token where it expects none at all: it had ceased to understand before. */
export function isLost({ message }: Pick<YAMLError, "message">): boolean {
  return message.startsWith("Unexpected ") && message.includes("token in YAML stream");
}
