import { join } from "node:path";

import { writeFileAtomic } from "../../evidence/write-file.ts";
import { knownRollouts, rememberRollout } from "../../store/rollout-index.ts";
import type { SharedStore } from "../../store/shared-store.ts";
import { stateDir } from "../../store/state-dir.ts";
import { evidenceFolder } from "../known-evidence.ts";
import type { ChosenStore } from "../stores/chosen-store.ts";
import { STORE_FILE } from "../stores/routes.ts";
import { sharedStoreAt } from "../stores/shared-stores.ts";

/** Between two looks into the store, in milliseconds. */
const EVERY = 5000;

/** How long the first look may keep the server from listening, in milliseconds. */
const FIRST = 10_000;

/** What an abort works from. The bundle holds what was there before, by value. */
const DOCUMENTS = { "plan.json": 0o644, "rollback.json": 0o600 } as const;

/**
 * Keeps here what an abort of each active rollout in a shared store needs, as on the machine that started it: so the kill
 * switch works from the bundle when the store is gone. Gives what ends it, once it has looked for the first time.
 */
export async function copyFromStore(
  chosen: ChosenStore,
  evidence: string | undefined,
  say: (text: string) => void,
): Promise<() => void> {
  const looking = openCopies(chosen.text, evidenceFolder(evidence));
  let timer: NodeJS.Timeout | null = null;
  let isSilent = false;
  let isOver = false;
  const look = async (): Promise<void> => {
    try {
      await looking();
      if (isSilent) say(`${chosen.text} answers again`);
      isSilent = false;
    } catch (error) {
      if (!isSilent) say(`${chosen.text} gives no answer (${String(error)}): going by the copies`);
      isSilent = true;
    }
    if (!isOver) timer = setTimeout(() => void look(), EVERY).unref();
  };
  const late = new Promise<void>((resolve) => setTimeout(resolve, FIRST).unref());
  await Promise.race([look(), late]);
  return () => {
    isOver = true;
    if (timer !== null) clearTimeout(timer);
  };
}

/** A look: copies what is new or has changed of rollouts that are not over. */
function openCopies(store: string, evidence: string): () => Promise<void> {
  const over = new Set<string>();
  const copied = new Map<string, string>();
  return async () => {
    const shared = await sharedStoreAt(store);
    const ids = (await shared.list()).filter((id) => !over.has(id));
    const here = new Set((await knownRollouts(stateDir())).map(({ id }) => id));
    for (const id of ids) {
      // The machine that started it has all of it.
      if (here.has(id) && !copied.has(id)) continue;
      if (await isEnded(shared, id)) over.add(id);
      else await copy(shared, { id, evidence, store }, copied);
    }
  };
}

async function isEnded(shared: SharedStore, id: string): Promise<boolean> {
  const claim = await shared.lastClaim(id);
  const { event } = JSON.parse(claim ?? "{}") as { readonly event?: { readonly end?: unknown } };
  return event?.end !== undefined && event.end !== null;
}

interface Copied {
  readonly id: string;
  readonly evidence: string;
  readonly store: string;
}

async function copy(
  shared: SharedStore,
  { id, evidence, store }: Copied,
  copied: Map<string, string>,
): Promise<void> {
  const texts = new Map<string, string>();
  for (const name of Object.keys(DOCUMENTS)) {
    const text = await shared.kept(id, name);
    // Before its first change a rollout has no bundle, and there is nothing to undo.
    if (text === null) return;
    texts.set(name, text);
  }
  const bundle = texts.get("rollback.json") ?? "";
  if (copied.get(id) === bundle) return;
  const folder = join(evidence, id);
  await writeFileAtomic(join(folder, STORE_FILE), `${JSON.stringify({ v: 1, store })}\n`);
  for (const [name, mode] of Object.entries(DOCUMENTS))
    await writeFileAtomic(join(folder, name), texts.get(name) ?? "", { mode });
  const { name: plan } = JSON.parse(texts.get("plan.json") ?? "{}") as { readonly name?: string };
  if (!copied.has(id))
    await rememberRollout(stateDir(), { id, evidence, store, plan: plan ?? "?", at: Date.now() });
  copied.set(id, bundle);
}
