import { sameValue, type FieldValue } from "../../src/core/field.ts";
import type { Sent } from "./ledger.ts";
import { endsOf, linesOf, type Line } from "./lines.ts";
import { GRADUAL } from "./plan.ts";
import type { Rule } from "./rule.ts";
import { BASELINE, FOREIGN, type History } from "./world.ts";

/** How long after an abort that nothing hinders everything is read back, in milliseconds: the longest wait for a late write, and the way back. */
const BOUND = 60_000;

/** What only the way forward writes. */
function isForward({ key, value }: { readonly key: string; readonly value: FieldValue }): boolean {
  if (sameValue(value, BASELINE[key] ?? { present: false })) return false;
  // What somebody else wrote before the start is the baseline then.
  if (sameValue(value, FOREIGN)) return false;
  return !(key === "weight" && value.present && GRADUAL.includes(Number(value.value)));
}

/** When each epoch was claimed, by the clock of the store; an end is a claim too. */
function claimsOf(history: History): readonly { readonly at: number; readonly line: Line }[] {
  return linesOf(history).flatMap((line) =>
    line.event.kind === "claimed"
      ? [{ at: history.ledger.stored.get(line.text) ?? Number.NaN, line }]
      : [],
  );
}

/** When the intent of a write was in the store; infinite when it never was. */
function intentOf(history: History, { epoch, key, at }: Sent): number {
  const times = linesOf(history).flatMap(({ epoch: of, event, text }) =>
    of === epoch && event.kind === "action-intended" && Object.hasOwn(event.fields, key)
      ? [history.ledger.stored.get(text) ?? Number.POSITIVE_INFINITY]
      : [],
  );
  return times.findLast((time) => time <= at) ?? Number.POSITIVE_INFINITY;
}

function forwardOf(history: History): readonly Sent[] {
  return history.ledger.sent.filter(isForward);
}

/** What must be true of the order in which things happen, whoever does them. */
export const orderRules: readonly Rule[] = [
  {
    name: "a forward write is sent only after its intent is stored and then the epoch is seen to be its own",
    broken(history) {
      for (const sent of forwardOf(history)) {
        const intent = intentOf(history, sent);
        const seen = history.ledger.checks
          .get(sent.pid)
          ?.some(({ at, last }) => at >= intent && at <= sent.at && last === sent.epoch);
        if (seen !== true) return `${JSON.stringify(sent)}, intent at ${intent}`;
      }
      return null;
    },
  },
  {
    name: "after an accepted abort no forward write begins: what comes later was checked before it",
    broken(history) {
      const aborts = claimsOf(history).filter(
        ({ line: { event } }) => event.kind === "claimed" && event.mode === "rollback",
      );
      for (const { at: accepted, line } of aborts) {
        const begun = forwardOf(history).find((sent) => {
          if (sent.epoch >= line.epoch) return true;
          const intent = intentOf(history, sent);
          return sent.at > accepted && intent > accepted;
        });
        if (begun !== undefined)
          return `accepted at ${accepted} in ${line.epoch}: ${JSON.stringify(begun)}`;
      }
      return null;
    },
  },
  {
    name: "every value ever written has an intent that the replay of each later epoch sees",
    broken(history) {
      for (const landed of history.targets.landed.filter(isForward)) {
        const intent = intentOf(history, landed);
        const blind = claimsOf(history).find(
          ({ at, line }) => line.epoch > landed.epoch && at < intent,
        );
        if (blind !== undefined || intent === Number.POSITIVE_INFINITY)
          return `${JSON.stringify(landed)}, intent at ${intent}, claim at ${blind?.at}`;
      }
      return null;
    },
  },
  {
    name: "two epochs are never both effective: behind a fence nothing forward follows a newer epoch",
    broken({ fenced, targets }) {
      if (!fenced) return null;
      const owners = new Map<string, number>();
      for (const landed of targets.landed) {
        if (landed.epoch < (owners.get(landed.key) ?? 0)) {
          // Who is superseded and cannot know it may still write what is there already.
          if (isForward(landed)) return JSON.stringify(landed);
          continue;
        }
        owners.set(landed.key, landed.epoch);
      }
      return null;
    },
  },
  {
    name: "two processes never write one epoch",
    broken({ ledger, targets }) {
      const owners = new Map<number, number>();
      for (const { epoch, pid } of [...ledger.sent, ...targets.landed]) {
        const owner = owners.get(epoch) ?? pid;
        if (owner !== pid) return `epoch ${epoch} is written by ${owner} and ${pid}`;
        owners.set(epoch, pid);
      }
      return null;
    },
  },
  {
    name: "an abort that nothing hinders has read the baseline back within the bound",
    broken(history) {
      for (const { at, line } of claimsOf(history)) {
        const { event, epoch } = line;
        if (event.kind !== "claimed" || event.mode !== "rollback" || event.end !== null) continue;
        if (at < history.ledger.healed) continue;
        const next = linesOf(history).find((each) => each.epoch === epoch + 1);
        // Where nothing was written there is nothing to read back but the end.
        const back =
          linesOf(history).find((each) => each.epoch === epoch && each.event.kind === "restored") ??
          next;
        if (back === undefined) return `epoch ${epoch} never came to an end`;
        const took = back.mono - line.mono;
        if (took > BOUND) return `epoch ${epoch} took ${took} ms`;
      }
      return null;
    },
  },
  {
    name: "rolling back what is rolled back writes nothing",
    broken(history) {
      const over = endsOf(history).find(({ end }) => end.kind === "rolled-back");
      for (const { pid, outcome } of history.left) {
        if (outcome instanceof Error || outcome.kind !== "over" || over === undefined) continue;
        // Who began the rollout, and was frozen until it was over, wrote before.
        const wrote = history.ledger.sent.find((sent) => sent.pid === pid && sent.at > over.mono);
        if (wrote !== undefined) return JSON.stringify(wrote);
      }
      return null;
    },
  },
];
