export type Address =
  | {
      readonly kind: "address";
      readonly url: string;
      /** Whether it is on the connection's own origin, so that the connection's credentials may go there. */
      readonly own: boolean;
    }
  | { readonly kind: "wrong"; readonly why: string };

/**
 * Joins a path to a connection's address, keeping that address's own path: `/flags/x` on `http://h/api` is
 * `http://h/api/flags/x`. A full address stays as it is.
 */
export function joinAddress(base: string | null, address: string): Address {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(address);
  if (!full && base === null)
    return wrong(`"${address}" is only a path: write the full address, or name a connection`);
  const text = full
    ? address
    : `${(base ?? "").replace(/\/+$/, "")}/${address.replace(/^\/+/, "")}`;
  const url = URL.parse(text);
  if (url === null) return wrong(`"${text}" is not an address`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return wrong(`"${text}" is not an http or https address`);
  if (url.username !== "" || url.password !== "")
    return wrong("user and password stand in the address: move them to the connection's `basic`");
  url.hash = "";
  return {
    kind: "address",
    url: url.href,
    own: base !== null && URL.parse(base)?.origin === url.origin,
  };
}

function wrong(why: string): Address {
  return { kind: "wrong", why };
}
