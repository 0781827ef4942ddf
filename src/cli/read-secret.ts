import { readFileSync } from "node:fs";

/** Resolves `env:NAME` and `file:/path`; an Error says which is missing. A file's last newline is not part of the secret. */
export function readSecret(reference: string): string | Error {
  const colon = reference.indexOf(":");
  const name = reference.slice(colon + 1);
  if (reference.startsWith("env:")) {
    const value = process.env[name];
    return value ?? new Error(`the environment variable ${name} is not set`);
  }
  try {
    return readFileSync(name, "utf8").replace(/\r?\n$/u, "");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return new Error(`the file ${name} cannot be read: ${why}`);
  }
}
