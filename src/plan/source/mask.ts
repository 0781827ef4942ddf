const [DOLLAR, OPEN, CLOSE] = ["\uE000", "\uE001", "\uE002"];

/**
 * Replaces the signs of every `${…}` by ones that mean nothing to YAML, of the same length, so that a file in which a
 * placeholder was not quoted (`{ soak: ${params.soak} }`) can still be read, and every place stays what it was.
 */
export function mask(text: string): string {
  return text.replaceAll(/\$\{([^{}\n]*)\}/g, `${DOLLAR}${OPEN}$1${CLOSE}`);
}

/** Undoes `mask`. */
export function unmask(text: string): string {
  return text.replaceAll(DOLLAR, "$").replaceAll(OPEN, "{").replaceAll(CLOSE, "}");
}
