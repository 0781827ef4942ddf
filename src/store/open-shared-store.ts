import type { SharedStore } from "./shared-store.ts";
import { printStoreAddress, type StoreAddress } from "./store-address.ts";

/** Opens a shared store, loading only what that kind needs; nothing is asked before the first call. */
export async function openSharedStore(
  address: Exclude<StoreAddress, { kind: "file" }>,
): Promise<SharedStore> {
  const where = printStoreAddress(address);
  switch (address.kind) {
    case "kubernetes": {
      const { createKubernetesStore } = await import("./kubernetes/kubernetes-store.ts");
      return createKubernetesStore({ ...address, where });
    }
    case "postgres": {
      const { createPostgresStore } = await import("./postgres/postgres-store.ts");
      return createPostgresStore(address);
    }
  }
}
