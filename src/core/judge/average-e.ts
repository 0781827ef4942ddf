import { logMeanExp } from "./log-mean-exp.ts";

/**
 * The e-value of several metrics together, as a natural logarithm: their mean is an e-value however the metrics depend on
 * each other, so that five metrics are wrong no more often than one (Vovk & Wang, Annals of Statistics 2021).
 *
 * `logs` are the logarithms of the e-values known so far, `metrics` how many there are in all, which has to be settled before
 * the first look: one that has seen nothing yet counts as 1. Throws when there are more than that.
 */
export function averageE(logs: readonly number[], metrics: number): number {
  if (logs.length > metrics) throw new RangeError(`${logs.length} e-values of ${metrics} metrics`);
  const unseen = Array.from({ length: metrics - logs.length }, () => 0);
  return logMeanExp([...logs, ...unseen]);
}
