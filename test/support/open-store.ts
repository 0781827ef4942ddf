import { fileURLToPath } from "node:url";

import { createFileStore } from "../../src/store/file-store.ts";
import { openSharedStore } from "../../src/store/open-shared-store.ts";
import { parseStoreAddress } from "../../src/store/store-address.ts";
import type { Store } from "../../src/store/store.ts";

/** Opens a store as another process would: by its address, or the file store of a `file:///folder`. */
export async function openStore(address: string): Promise<Store> {
  if (address.startsWith("file://")) return createFileStore(fileURLToPath(address));
  const parsed = parseStoreAddress(address);
  if (typeof parsed === "string" || parsed.kind === "file") throw new Error(`bad store ${address}`);
  return openSharedStore(parsed);
}
