import type { FieldValue } from "../../src/core/field.ts";
import type { ActionDriver, Request } from "../../src/drivers/driver.ts";
import { clusterForTest, type TestCluster } from "./cluster.ts";
import { contractOfActionDriver, type ContractWorld } from "./contract-action-driver.ts";
import { startKubeWorld, type KubeWorld } from "./kube-world.ts";

/** One driver of Kubernetes objects, with a way to see and to change its first field without it. */
interface Case<I> {
  readonly driver: ActionDriver<I>;
  readonly request: Request<I>;
  readonly other: Request<I>;
  readonly foreign: FieldValue;
  readonly make: readonly object[];
  /** What the cluster needs before the objects are made. */
  readonly crd?: (cluster: TestCluster) => Promise<void>;
  /** What the controllers would have said since. */
  readonly prepare?: (world: KubeWorld) => Promise<void>;
  /** False where the first field always has a value. */
  readonly absence?: boolean;
  readonly truth: (world: KubeWorld) => Promise<FieldValue>;
  readonly setLive: (world: KubeWorld, value: FieldValue) => Promise<void>;
}

/** Runs the contract of action drivers against the real API server, with the rights of a restricted user. */
export function kubeContract<I>(the: Case<I>): void {
  const start = async (): Promise<ContractWorld<I>> => {
    const cluster = await clusterForTest();
    await the.crd?.(cluster);
    const world = await startKubeWorld(cluster, the.make);
    await the.prepare?.(world);
    return {
      driver: the.driver,
      request: the.request,
      other: the.other,
      foreign: the.foreign,
      context: (signal) => world.context({ signal, as: "restricted" }),
      truth: () => the.truth(world),
      setLive: (value) => the.setLive(world, value),
      writes: () => null,
      break: {
        hang: () => Promise.resolve(void (world.gate.state = "mute")),
        fail: () => world.gate.cut(),
        refuse: async () => void (await world.run(["delete", "rolebinding", "devs"])),
      },
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    };
  };
  contractOfActionDriver(the.driver.kind, start, { absence: the.absence ?? true });
}
