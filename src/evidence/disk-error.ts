/** An error like those of the file system, with a code of its own to tell it by. */
export function diskError(code: string, message: string): Error & { readonly code: string } {
  return Object.assign(new Error(message), { code });
}
