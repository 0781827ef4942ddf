import {
  parseStoreAddress,
  printStoreAddress,
  type StoreAddress,
} from "../../store/store-address.ts";
import { UsageError } from "../usage-error.ts";

/** The store of `--store`: one command is one process. */
let named: StoreAddress | null = null;

/** Takes the value of `--store`. Throws a UsageError when it is no address. */
export function chooseStore(text: string): void {
  named = addressOf(text, "--store");
}

export interface ChosenStore {
  readonly address: StoreAddress;
  /** As the index and lines to paste say it. */
  readonly text: string;
  /** By `--store`: nothing else is meant then. */
  readonly isNamed: boolean;
}

/** The store that the command line or `CANARY_STORE` says; null when neither does. */
export function chosenStore(): ChosenStore | null {
  const fromEnv = process.env["CANARY_STORE"] ?? "";
  const address = named ?? (fromEnv === "" ? null : addressOf(fromEnv, "CANARY_STORE"));
  if (address === null) return null;
  return { address, text: printStoreAddress(address), isNamed: named !== null };
}

/** Reads an address that came from `where`. Throws a UsageError when it is none. */
export function addressOf(text: string, where: string): StoreAddress {
  const address = parseStoreAddress(text);
  if (typeof address === "string") throw new UsageError(`${where}: ${address}`, "docs/stores.md");
  return address;
}
