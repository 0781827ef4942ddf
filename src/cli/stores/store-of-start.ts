import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { printStoreAddress, type StoreAddress } from "../../store/store-address.ts";
import { tell } from "../print.ts";
import { readSecret } from "../read-secret.ts";
import { UsageError } from "../usage-error.ts";
import { addressOf, chosenStore } from "./chosen-store.ts";
import { learnPassword, sharedStoreAt } from "./shared-stores.ts";

/**
 * The address of the store that a rollout of this plan is kept in, as it is written down: a context that is only the current
 * one is named, because another one may be current when the rollout is aborted. Null for the evidence folder.
 */
export async function storeOfStart(plan: { readonly store?: string }): Promise<string | null> {
  const address = await withContext(chosenStore()?.address ?? ownStore(plan.store));
  if (address.kind === "file") return null;
  learnPassword(address);
  return printStoreAddress(address);
}

/** Says why rollouts can not be kept in a store; nothing is begun then. `line` is the command line that was meant. */
export async function storeRefuses(store: string | null, line: string): Promise<boolean> {
  const problem = store === null ? null : await problemOf(store);
  if (problem === null) return false;
  tell(
    `canary: not started, nothing was touched (exit 20): ${problem}\n  to keep it on this machine alone: canary ${line} --store file`,
  );
  return true;
}

/** Why rollouts can not be kept in a store, or null. */
export async function problemOf(store: string): Promise<string | null> {
  return (await sharedStoreAt(store)).problem();
}

function ownStore(store: string | undefined): StoreAddress {
  if (store === undefined) return { kind: "file" };
  const filled = store.replaceAll(/\$\{((?:env|file):[^}]+)\}/gu, (_, reference: string) => {
    const value = readSecret(reference);
    if (value instanceof Error) throw new UsageError(`store: ${value.message}`, "docs/stores.md");
    // A password inside an address; a whole address is written as one.
    return store.startsWith("${") ? value : encodeURIComponent(value);
  });
  return addressOf(filled, "store");
}

async function withContext(address: StoreAddress): Promise<StoreAddress> {
  if (address.kind !== "kubernetes" || address.context !== null) return address;
  const asked = promisify(execFile)("kubectl", ["config", "current-context"], { timeout: 10_000 });
  // Inside a cluster there is none.
  const context = await asked.then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );
  return { ...address, context: context === "" ? null : context };
}
