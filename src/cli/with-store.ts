import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { evidenceOption } from "./option-specs.ts";

const storeOption: OptionSpec = {
  flags: "--store <url>",
  about:
    "the store of the rollouts: kubernetes://CONTEXT/NAMESPACE, postgres://…, file (or CANARY_STORE)",
};

/** Whatever works on rollouts also takes the store that they are kept in. */
export function withStore(specs: readonly CommandSpec[]): readonly CommandSpec[] {
  return specs.map((spec) => {
    const at = spec.options.indexOf(evidenceOption) + 1;
    if (at === 0) return spec;
    return { ...spec, options: spec.options.toSpliced(at, 0, storeOption) };
  });
}
