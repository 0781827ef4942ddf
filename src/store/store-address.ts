/** Where rollouts are kept, as `--store`, `CANARY_STORE` and a plan's `store` say it. */
export type StoreAddress =
  /** The folder of the evidence. */
  | { readonly kind: "file" }
  | {
      readonly kind: "kubernetes";
      /** Null: the current context of the kubeconfig, or the cluster that this process runs in. */
      readonly context: string | null;
      readonly namespace: string;
    }
  /** `password` is apart from the URL, so that the URL can be shown. */
  | { readonly kind: "postgres"; readonly url: string; readonly password: string | null };

/** The namespace of the ConfigMaps, where none is named. */
const NAMESPACE = "canary";

/** Reads an address; a text says what is wrong with it and what would be right. */
export function parseStoreAddress(text: string): StoreAddress | string {
  const scheme = /^([a-z][a-z\d]*)(?=:|$)/u.exec(text)?.[1];
  switch (scheme) {
    case "file":
      return text === "file" || text === "file:"
        ? { kind: "file" }
        : `${text} names a folder: that is --evidence DIR; the store beside it is \`file\``;
    case "kubernetes":
      return parseKubernetes(text);
    case "postgres":
    case "postgresql":
      return parsePostgres(text);
    case undefined:
    default:
      return `${text} is no store: use kubernetes://CONTEXT/NAMESPACE, postgres://USER@HOST/DATABASE, or file`;
  }
}

/** An address as one text, without a password: for people, for the index, and to tell two stores apart. */
export function printStoreAddress(address: StoreAddress): string {
  switch (address.kind) {
    case "file":
      return "file";
    case "kubernetes":
      return `kubernetes://${encodeURIComponent(address.context ?? "")}/${address.namespace}`;
    case "postgres":
      return address.url;
  }
}

function parseKubernetes(text: string): StoreAddress | string {
  const parts = /^kubernetes(?::(?:\/\/([^/?#]*)(?:\/([^/?#]*))?)?)?$/u.exec(text);
  if (parts === null)
    return `${text}: write kubernetes://CONTEXT/NAMESPACE, or kubernetes:///NAMESPACE`;
  const [, context = "", namespace = ""] = parts;
  const name = namespace === "" ? NAMESPACE : namespace;
  if (!/^[a-z\d](?:[-a-z\d]{0,61}[a-z\d])?$/u.test(name))
    return `${namespace} is no namespace: small letters, digits and -, as kubectl get namespaces shows them`;
  try {
    const decoded = decodeURIComponent(context);
    return { kind: "kubernetes", context: decoded === "" ? null : decoded, namespace: name };
  } catch {
    return `${context}: a % in a context is written %25`;
  }
}

function parsePostgres(text: string): StoreAddress | string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return `${text.replace(/:[^@/]*@/u, ":…@")} is no URL: write postgres://USER@HOST/DATABASE`;
  }
  const { password } = url;
  url.password = "";
  try {
    const decoded = decodeURIComponent(password);
    return { kind: "postgres", url: url.href, password: decoded === "" ? null : decoded };
  } catch {
    return `${url.href}: a % in its password is written %25`;
  }
}
