/** A text read as a value, or what is wrong with it: `message` names the wrong value, `fix` is what to write instead. */
export type Parsed<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "bad"; readonly message: string; readonly fix: string | null };
