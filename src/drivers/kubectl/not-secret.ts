/** A refinement for values that become fields: a secret would be read back, captured and kept in the rollback bundle. */
export const notSecret = [
  (text: string): boolean => !/\$\{(?:env|file):/.test(text),
  "what comes from env: or file: is a secret, and would lie in the rollback bundle: pass it as a parameter, or keep it in a Secret of the cluster and refer to that",
] as const;
