import { readPlainYaml } from "./plain-yaml.ts";

/** A context of a kubeconfig with nothing in it that has to be done before one can ask. Paths are as they stand there. */
export interface PlainContext {
  readonly cluster: {
    readonly server: string;
    readonly ca: string | null;
    /** In base64, as every `…Data`. */
    readonly caData: string | null;
    readonly insecure: boolean;
    readonly serverName: string | null;
  };
  readonly user: {
    readonly cert: string | null;
    readonly certData: string | null;
    readonly key: string | null;
    readonly keyData: string | null;
    readonly token: string | null;
    readonly tokenFile: string | null;
  };
}

/**
 * Reads a context of a kubeconfig, `name` or the current one. Null for whatever is not understood to the last key: an `exec` that
 * is overlooked would be another person signing in.
 */
export async function plainContext(
  text: string,
  name: string | null,
): Promise<PlainContext | null> {
  const config = objectOf(await parsed(text), TOP);
  if (config === null) return null;
  const context = named(config["contexts"], "context", name ?? config["current-context"]);
  const of = objectOf(context, CONTEXT);
  const cluster = objectOf(named(config["clusters"], "cluster", of?.["cluster"]), CLUSTER);
  const user = objectOf(named(config["users"], "user", of?.["user"]), USER);
  if (cluster === null || user === null) return null;
  const insecure = cluster["insecure-skip-tls-verify"] ?? false;
  const server = textIn(cluster, "server");
  const texts = [...TEXTS_OF_CLUSTER.map((key) => cluster[key]), ...USER.map((key) => user[key])];
  const areTexts = texts.every((each) => each === undefined || typeof each === "string");
  if (!areTexts || typeof insecure !== "boolean" || server === null) return null;
  // Which of the two kubectl takes depends on its version.
  if (textIn(user, "token") !== null && textIn(user, "tokenFile") !== null) return null;
  return {
    cluster: {
      server,
      ca: textIn(cluster, "certificate-authority"),
      caData: textIn(cluster, "certificate-authority-data"),
      insecure,
      serverName: textIn(cluster, "tls-server-name"),
    },
    user: {
      cert: textIn(user, "client-certificate"),
      certData: textIn(user, "client-certificate-data"),
      key: textIn(user, "client-key"),
      keyData: textIn(user, "client-key-data"),
      token: textIn(user, "token"),
      tokenFile: textIn(user, "tokenFile"),
    },
  };
}

const TOP = [
  ...["apiVersion", "kind", "preferences", "extensions"],
  ...["clusters", "users", "contexts", "current-context"],
];
const CONTEXT = ["cluster", "user", "namespace", "extensions"];
const TEXTS_OF_CLUSTER = [
  ...["server", "certificate-authority", "certificate-authority-data", "tls-server-name"],
];
const CLUSTER = [
  ...TEXTS_OF_CLUSTER,
  ...["insecure-skip-tls-verify", "disable-compression", "extensions"],
];
const USER = [
  ...["client-certificate", "client-certificate-data", "client-key", "client-key-data"],
  ...["token", "tokenFile"],
];

/** The reader of YAML takes a fifth of the time until the first write of an abort to load. */
async function parsed(text: string): Promise<unknown> {
  const plain = readPlainYaml(text);
  if (plain !== undefined) return plain;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { parseDocument } = await import("yaml");
    const document = parseDocument(text, { logLevel: "silent" });
    const isSound = document.errors.length === 0 && document.warnings.length === 0;
    return isSound ? (document.toJS() as unknown) : null;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Null where there is anything but these keys. */
function objectOf(value: unknown, keys: readonly string[]): Fields | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.keys(value).every((key) => keys.includes(key)) ? (value as Fields) : null;
}

/** What stands under the only entry of a name. */
function named(list: unknown, what: string, name: unknown): unknown {
  if (!Array.isArray(list) || typeof name !== "string" || name === "") return null;
  const entries = list.map((each) => objectOf(each, ["name", what]));
  const [found, second] = entries.filter((each) => each?.["name"] === name);
  return entries.includes(null) || second !== undefined ? null : found?.[what];
}

/** An empty text is none, as for kubectl. */
function textIn(fields: Fields, key: string): string | null {
  const value = fields[key];
  return typeof value === "string" && value !== "" ? value : null;
}
