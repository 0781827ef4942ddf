import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest, longest first: begun last, one of them would run alone while the other workers have nothing to do. */
const SLOW = [
  "e2e/everything-real",
  "e2e/policy",
  "e2e/shared-store",
  "e2e/cluster",
  "e2e/lost-evidence",
  "e2e/in-cluster",
  "e2e/abort",
  "e2e/faults",
  "drivers/kubectl/restore",
  "drivers/traffic/gateway-api",
  "e2e/prometheus",
  "cli/signals",
  "drivers/kubectl/contract",
  "drivers/traffic/replicas",
  "e2e/guard",
  "cli/output",
  "drivers/traffic/istio",
  "drivers/flags/rollout",
  "cli/plans",
  "drivers/traffic/traefik",
  "drivers/flags/feature-flag",
];

/** Starts the slow files first, then the others as vitest would. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = SLOW.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at === -1 ? SLOW.length : at;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- the method of vitest, which no array has
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
