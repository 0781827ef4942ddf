import { dirname, join, resolve } from "node:path";

import { readDisk } from "../../evidence/reach-disk.ts";
import { readPlainFile } from "../../evidence/read-plain-file.ts";
import { plainContext } from "./plain-context.ts";

/** All that is needed to speak to an API server over TLS. Holds secrets: never to be printed. */
export interface KubeAccess {
  readonly host: string;
  readonly port: number;
  /** What stands before every path: `` or `/k8s/clusters/c-1`. */
  readonly prefix: string;
  /** PEM of the authorities that are trusted, and of no others; null where the kubeconfig says to trust everybody. */
  readonly ca: string | null;
  /** The name that the certificate has to have, where it is not the host. */
  readonly serverName: string | null;
  /** PEM. */
  readonly client: { readonly cert: string; readonly key: string } | null;
  readonly token: string | null;
}

type Env = Readonly<Record<string, string | undefined>>;

/** What a Pod is given; tests name another folder. */
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * How to reach the cluster that these flags of kubectl name, as kubectl would: by one kubeconfig of the plain sort, or by
 * the account of the Pod that this runs in. Null for everything else (plugins, proxies, impersonation, several files that are merged, and
 * whatever is not understood as a whole): that is for kubectl itself. Throws where a file can not be read.
 */
export async function kubeAccess(
  flags: readonly string[],
  env: Env = process.env,
  account = ACCOUNT,
): Promise<KubeAccess | null> {
  const asked = flagsOf(flags);
  if (asked === null || PROXIES.some((name) => (env[name] ?? "") !== "")) return null;
  const path = asked.kubeconfig ?? oneFile(env);
  if (path === null) return null;
  const text = await read(path).catch(whenMissing);
  if (text !== null) {
    const found = await plainContext(text, asked.context);
    return found && fromContext(found, dirname(resolve(path)));
  }
  // kubectl looks for the account of its Pod where it finds no kubeconfig and was told of none.
  const isTold =
    asked.kubeconfig !== null || asked.context !== null || (env["KUBECONFIG"] ?? "") !== "";
  return isTold ? null : ofPod(env, account);
}

const PROXIES = [
  "http_proxy",
  "HTTP_PROXY",
  "https_proxy",
  "HTTPS_PROXY",
  "all_proxy",
  "ALL_PROXY",
];

interface Asked {
  readonly kubeconfig: string | null;
  readonly context: string | null;
}

function flagsOf(flags: readonly string[]): Asked | null {
  const asked = { kubeconfig: null as string | null, context: null as string | null };
  for (const flag of flags) {
    const [, name, value] = /^--(kubeconfig|context)=(.+)$/su.exec(flag) ?? [];
    if ((name !== "kubeconfig" && name !== "context") || value === undefined) return null;
    asked[name] = value;
  }
  return asked;
}

/** The one file that kubectl would read by itself; null where it would merge several. */
function oneFile(env: Env): string | null {
  const named = env["KUBECONFIG"] ?? "";
  if (named !== "") return named.includes(":") ? null : named;
  const home = env["HOME"] ?? "";
  return home === "" ? null : join(home, ".kube", "config");
}

type PlainContext = NonNullable<Awaited<ReturnType<typeof plainContext>>>;

async function fromContext(
  { cluster, user }: PlainContext,
  folder: string,
): Promise<KubeAccess | null> {
  const url = URL.parse(cluster.server);
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "") return null;
  if (url.search !== "" || url.hash !== "") return null;
  const text = async (data: string | null, path: string | null): Promise<string | null> => {
    if (data !== null) return Buffer.from(data, "base64").toString("utf8");
    return path === null ? null : read(resolve(folder, path));
  };
  const [ca, cert, key, tokenOfFile] = await Promise.all([
    text(cluster.caData, cluster.ca),
    text(user.certData, user.cert),
    text(user.keyData, user.key),
    text(null, user.tokenFile),
  ]);
  const token = user.token ?? tokenOfFile?.trim() ?? null;
  const isTrustKnown = cluster.insecure ? ca === null : ca !== null && ca !== "";
  const isSignInKnown = (cert === null) === (key === null) && (cert !== null || token !== null);
  if (!isTrustKnown || !isSignInKnown || (token !== null && !TOKEN.test(token))) return null;
  return {
    host: url.hostname.replace(/^\[|\]$/gu, ""),
    port: url.port === "" ? 443 : Number(url.port),
    prefix: url.pathname.replace(/\/+$/u, ""),
    ca,
    serverName: cluster.serverName,
    client: cert === null || key === null ? null : { cert, key },
    token,
  };
}

const TOKEN = /^[\x21-\x7e]+$/u;

async function ofPod(env: Env, account: string): Promise<KubeAccess | null> {
  const [host = "", port = ""] = [env["KUBERNETES_SERVICE_HOST"], env["KUBERNETES_SERVICE_PORT"]];
  if (host === "" || !/^\d+$/u.test(port)) return null;
  const [token, ca] = await Promise.all(
    ["token", "ca.crt"].map((name) => read(join(account, name)).catch(whenMissing)),
  );
  const trimmed = token?.trim() ?? "";
  if (!TOKEN.test(trimmed) || ca === undefined || ca === null || ca === "") return null;
  const whole = { prefix: "", serverName: null, client: null };
  return { ...whole, host, port: Number(port), ca, token: trimmed };
}

/** Neither a pipe in its place nor a dead mount holds it up. */
function read(path: string): Promise<string> {
  return readDisk(dirname(resolve(path)), () => readPlainFile(path));
}

function whenMissing(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}
