import type { SharedStore } from "../shared-store.ts";
import type { EpochLines, LockResult } from "../store.ts";
import { refused, unreachable } from "../unreachable.ts";
import { createConfigMaps, type ConfigMap, type ConfigMaps } from "./config-maps.ts";
import { createDocuments } from "./documents.ts";
import { createJournalReader } from "./journal-reader.ts";
import { createJournalWriter, type JournalWriter } from "./journal-writer.ts";
import { createKubeClient, kubeClientOf } from "./kube-client.ts";
import { beatName, headName, HEADS, labelsOf, rolloutOf, targetName } from "./names.ts";
import { createRolloutHeads, type Head, type RolloutHeads } from "./rollout-head.ts";

export interface KubernetesPlace {
  /** As `Store.where` says it. */
  readonly where: string;
  /** Of the kubeconfig; null for the current one, or for the cluster that this runs in. */
  readonly context: string | null;
  readonly namespace: string;
  readonly kubeconfig?: string;
  /** How often a heartbeat is written at most, in milliseconds: each is a write to the cluster's own store. */
  readonly beatEvery?: number;
  /** How long one answer may take, in milliseconds; without it 5 s. */
  readonly patience?: number;
}

const BEAT_EVERY = 2000;

/**
 * Keeps rollouts in ConfigMaps of the target cluster: whoever has access to it can stop them. The API server's optimistic
 * concurrency makes claims exclusive. Errors carry a `code` and say what to change.
 */
export function createKubernetesStore(place: KubernetesPlace): SharedStore {
  const { where, context, namespace, kubeconfig, beatEvery = BEAT_EVERY, patience } = place;
  const flags = [
    ...(context === null ? [] : [`--context=${context}`]),
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
  ];
  const client = patience === undefined ? kubeClientOf(flags) : createKubeClient(flags, patience);
  const maps = createConfigMaps(client, namespace, where);
  const heads = createRolloutHeads(maps, where);
  const seen = rememberHeads(heads);
  return {
    where,
    ...createWriter(maps, seen, where),
    read: createReader(maps, heads),
    async list() {
      const ids = (await maps.names(HEADS)).map(rolloutOf).filter((id) => id !== null);
      return ids.toSorted().toReversed();
    },
    post: (rollout, word) => heads.post(rollout, word),
    inbox: async (rollout, from) =>
      (seen.take(rollout) ?? (await heads.read(rollout))).words.slice(from),
    ...createBeats(maps, beatEvery),
    lock: createLock(maps, where),
    ...createDocuments(maps, where),
    lastClaim: async (rollout) => (await heads.read(rollout)).claims.at(-1)?.[1] ?? null,
    problem: () => maps.problem(),
    reach: () => client.reach(),
    close: () => Promise.resolve(client.close()),
  };
}

/** How long a head that was read for its claims is good enough for its words, in milliseconds. */
const FRESH = 300;

interface SeenHeads extends RolloutHeads {
  /** The head that was read last, once, and not when it is older than a moment: a runner asks for both at each poll. */
  take(rollout: string): Head | null;
}

function rememberHeads(heads: RolloutHeads): SeenHeads {
  const last = new Map<string, { readonly head: Head; readonly at: number }>();
  return {
    ...heads,
    async read(rollout) {
      const head = await heads.read(rollout);
      last.set(rollout, { head, at: performance.now() });
      return head;
    },
    take(rollout) {
      const found = last.get(rollout);
      last.delete(rollout);
      return found !== undefined && performance.now() - found.at < FRESH ? found.head : null;
    },
  };
}

/** The part that remembers what this process claimed. */
function createWriter(
  maps: ConfigMaps,
  heads: RolloutHeads,
  where: string,
): Pick<SharedStore, "claim" | "append" | "lastEpoch"> {
  const writers = new Map<string, JournalWriter>();
  const claimed = new Map<string, number>();
  return {
    async claim(rollout, epoch, firstLine) {
      const result = await heads.claim(rollout, epoch, firstLine);
      if (result === "claimed") {
        writers.set(`${rollout} ${epoch}`, createJournalWriter({ maps, where, rollout, epoch }));
        claimed.set(rollout, Math.max(epoch, claimed.get(rollout) ?? 0));
      }
      return result;
    },
    async append(rollout, epoch, lines) {
      const writer = writers.get(`${rollout} ${epoch}`);
      if (writer === undefined)
        throw new Error(`epoch ${epoch} of rollout ${rollout} was not claimed by this process`);
      if (lines.length > 0) await writer.append(lines);
    },
    async lastEpoch(rollout) {
      const last = lastOf(await heads.read(rollout));
      // "Nobody claimed after us" must not follow from records that were deleted.
      if (last < (claimed.get(rollout) ?? 0))
        throw unreachable(where, `the claims of rollout ${rollout} were deleted there`);
      return last;
    },
  };
}

function lastOf({ claims }: Head): number {
  return claims.at(-1)?.[0] ?? 0;
}

function createReader(maps: ConfigMaps, heads: RolloutHeads): SharedStore["read"] {
  const readLines = createJournalReader(maps);
  return async (rollout) => {
    const { claims } = await heads.read(rollout);
    return Promise.all(
      claims.map(async ([epoch, line]): Promise<EpochLines> => ({
        epoch,
        lines: [line, ...(await readLines(rollout, epoch))],
        torn: null,
      })),
    );
  };
}

/**
 * The heartbeats of a rollout are one object, which each write of one answers as a whole: a runner, which also looks for the
 * heartbeat of a guard at each poll, needs no question of its own for that until its next beat is due.
 */
function createBeats(maps: ConfigMaps, beatEvery: number): Pick<SharedStore, "beat" | "readBeat"> {
  const last = new Map<string, number>();
  const answered = new Map<string, { readonly map: ConfigMap; readonly at: number }>();
  async function write(name: string, rollout: string, data: Beats): Promise<ConfigMap | null> {
    const merged = await maps.merge(name, data);
    if (typeof merged === "object") return merged;
    if ((await maps.create(name, labelsOf("beat", rollout), data)) === null)
      await maps.merge(name, data);
    return null;
  }
  return {
    async beat(rollout, epoch, counter) {
      const key = `epoch.${epoch}`;
      const now = performance.now();
      if (now - (last.get(rollout + key) ?? -Infinity) < beatEvery) return;
      last.set(rollout + key, now);
      const name = beatName(rollout);
      const map = await write(name, rollout, { [key]: String(counter) });
      if (map !== null) answered.set(name, { map, at: now });
    },
    async readBeat(rollout, epoch) {
      const name = beatName(rollout);
      const known = answered.get(name);
      const isNew = known !== undefined && performance.now() - known.at < beatEvery;
      const map = isNew ? known.map : await maps.get(name);
      return Number(map?.data?.[`epoch.${epoch}`] ?? 0);
    },
  };
}

type Beats = Readonly<Record<string, string>>;

/** A claim on a target is a ConfigMap of its own that is only ever created. */
function createLock(maps: ConfigMaps, where: string): SharedStore["lock"] {
  return async (target, rollout, after): Promise<LockResult> => {
    headName(rollout);
    const n = after + 1;
    const name = targetName(target, n);
    const data = { target, rollout };
    if ((await maps.create(name, labelsOf("target", rollout), data)) !== null)
      return { kind: "held" };
    const holder = (await maps.get(name))?.data?.["rollout"];
    if (holder === undefined) throw refused(where, `${name} holds no claim on ${target}`);
    return { kind: "taken", holder, n, where };
  };
}
