import { fingerprint } from "./dsse.ts";
import { parseSshKey, type SshKey } from "./ssh-key.ts";
import { SSH_NAMESPACE } from "./ssh-signature.ts";

/** A line of an `allowed_signers` file: whose key may sign for canary, and when. */
export interface AllowedSigner {
  /** Patterns of names: `*` is any text, `?` one sign, `!` in front excludes. */
  readonly principals: readonly string[];
  /** Type and body of the public key, without its comment. */
  readonly key: string;
  /** Of an Ed25519 key, the fingerprint that heads and manifests are signed under; null for keys that only people have. */
  readonly keyid: string | null;
  /** Milliseconds since 1970; the line says nothing of signatures before and after. */
  readonly from: number;
  readonly until: number;
}

export interface AllowedSigners {
  readonly signers: readonly AllowedSigner[];
  /** What cannot be read, by line. */
  readonly problems: readonly { readonly line: number; readonly what: string }[];
}

type Read = AllowedSigner | { readonly what: string } | null;

/**
 * Reads an `allowed_signers` file of OpenSSH (ALLOWED SIGNERS in ssh-keygen(1)). Lines for other namespaces than canary's
 * are left out; what is not understood is a problem, never a key that is trusted.
 */
export function parseAllowedSigners(text: string): AllowedSigners {
  const signers: AllowedSigner[] = [];
  const problems: { line: number; what: string }[] = [];
  for (const [index, line] of text.split(/\r?\n/u).entries()) {
    const read = signerOf(line.trim());
    if (read === null) continue;
    if ("what" in read) problems.push({ line: index + 1, what: read.what });
    else signers.push(read);
  }
  return { signers, problems };
}

function signerOf(line: string): Read {
  if (line === "" || line.startsWith("#")) return null;
  const [principals = "", ...rest] = words(line);
  const at = rest.findIndex((word) => /^(?:ssh-|ecdsa-|sk-)/u.test(word));
  if (at === -1) return { what: "it has no public key: write `NAME ssh-ed25519 AAAA…`" };
  const options = optionsOf(rest.slice(0, at).join(","));
  if ("what" in options) return options;
  const key = rest.slice(at, at + 2).join(" ");
  const parsed = parseSshKey(key);
  if (parsed === null)
    return {
      what: `${rest[at] ?? ""} ${rest[at + 1] ?? ""} is no public key that canary can check`,
    };
  const { namespaces, from, until } = options;
  if (namespaces !== null && !namespaces.some((pattern) => matches(SSH_NAMESPACE, pattern)))
    return null;
  return { principals: unquoted(principals).split(","), key, keyid: keyidOf(parsed), from, until };
}

/** Whether a line of the file lets this name sign with this key at that time (ms since 1970). */
export function isAllowed(
  signers: readonly AllowedSigner[],
  { name, key, at }: { readonly name: string; readonly key: string; readonly at: number },
): boolean {
  return signers.some(
    (each) =>
      each.key === key && at >= each.from && at < each.until && isPrincipal(name, each.principals),
  );
}

function isPrincipal(name: string, patterns: readonly string[]): boolean {
  const [not, are] = [patterns.filter(isExcluding), patterns.filter((each) => !isExcluding(each))];
  if (not.some((pattern) => matches(name, pattern.slice(1)))) return false;
  return are.some((pattern) => matches(name, pattern));
}

function isExcluding(pattern: string): boolean {
  return pattern.startsWith("!");
}

interface Options {
  readonly namespaces: readonly string[] | null;
  readonly from: number;
  readonly until: number;
}

function optionsOf(text: string): Options | { readonly what: string } {
  let [namespaces, from, until]: [readonly string[] | null, number, number] = [
    null,
    -Infinity,
    Infinity,
  ];
  for (const option of text.match(/(?:[^,"]|"[^"]*")+/gu) ?? []) {
    const [name = "", value = ""] = option.split(/=(.*)/su);
    const lower = name.toLowerCase();
    if (lower === "namespaces") namespaces = unquoted(value).split(",");
    else if (lower === "valid-after" || lower === "valid-before") {
      const time = timeOf(unquoted(value));
      if (time === null) return { what: `${name}=${value} is no time: write YYYYMMDD[HHMM[SS]]Z` };
      if (lower === "valid-after") from = time;
      else until = time;
    } else if (lower === "cert-authority")
      return { what: "certificates are not supported: list the key of each person" };
    else return { what: `${name} is no option of an allowed_signers file` };
  }
  return { namespaces, from, until };
}

/** YYYYMMDD[HHMM[SS]] in local time, or in UTC with a Z at its end; null for anything else. */
function timeOf(text: string): number | null {
  const found = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z)?$/u.exec(text);
  if (found === null) return null;
  const [, year, month, day, hour = "00", minute = "00", second = "00", utc = ""] = found;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${utc}`);
  return Number.isNaN(time) ? null : time;
}

/** Parts between spaces; a part may hold quoted spaces. */
function words(line: string): readonly string[] {
  return line.match(/(?:[^\s"]|"[^"]*")+/gu) ?? [];
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/su, "$1");
}

function matches(text: string, pattern: string): boolean {
  const source = pattern
    .split(/([*?])/u)
    .map((part) =>
      part === "*"
        ? ".*"
        : part === "?"
          ? "."
          : part.replaceAll(/[\\^$.|+()[\]{}/-]/gu, String.raw`\$&`),
    )
    .join("");
  return new RegExp(`^${source}$`, "su").test(text);
}

function keyidOf({ type, key }: SshKey): string | null {
  return type === "ssh-ed25519" ? fingerprint(key) : null;
}
