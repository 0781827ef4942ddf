/** A refinement for values that become fields: a secret would be read back, captured and kept in the rollback bundle. */
export const notSecret = [
  (text: string): boolean => !/\$\{(?:env|file):/.test(text),
  "a secret would lie in the rollback bundle: keep it in a Secret of the cluster and refer to that",
] as const;
