import { openSharedStore } from "../../store/open-shared-store.ts";
import type { SharedStore } from "../../store/shared-store.ts";
import { printStoreAddress, type StoreAddress } from "../../store/store-address.ts";
import { addressOf, chosenStore } from "./chosen-store.ts";

/** One of each for the whole command: each has a process or connections. */
const open = new Map<string, Promise<SharedStore>>();

/** Begins to connect to the chosen store, while the command that will ask it is still being loaded. */
export async function reachStore(): Promise<void> {
  const chosen = chosenStore();
  if (chosen !== null && chosen.address.kind !== "file")
    (await sharedStoreAt(chosen.text)).reach?.();
}

/** By address: passwords of a plan's own store. */
const passwords = new Map<string, string>();

/** Learns the password of an address that is written down without it. */
export function learnPassword(address: StoreAddress): void {
  if (address.kind === "postgres" && address.password !== null)
    passwords.set(address.url, address.password);
}

/** The shared store of an address, as the index, a plan or a lock says it. Throws a UsageError for the address of none. */
export function sharedStoreAt(text: string): Promise<SharedStore> {
  const address = withPassword(addressOf(text, "store"));
  if (address.kind === "file") throw new Error(`${text} is not shared`);
  const key = printStoreAddress(address);
  const opening = open.get(key) ?? openSharedStore(address);
  open.set(key, opening);
  return opening;
}

/** The index and locks hold no password; the command line and the environment may. */
function withPassword(address: StoreAddress): StoreAddress {
  if (address.kind !== "postgres" || address.password !== null) return address;
  const chosen = chosenStore()?.address;
  const known = chosen?.kind === "postgres" && chosen.url === address.url ? chosen.password : null;
  return { ...address, password: known ?? passwords.get(address.url) ?? null };
}
