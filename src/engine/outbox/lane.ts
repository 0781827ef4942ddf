import type { Note, Told } from "../../core/event.ts";
import type { Receipt } from "../../sinks/sink.ts";
import type { Standing } from "./carry-out.ts";
import type { Sent } from "./deliver.ts";

/** One thing to send, when its turn comes. */
export interface Job {
  readonly reaction: string;
  readonly of: string;
  /** Null: there is nothing to say any more, and nothing is journalled. */
  readonly send: (standing: Standing) => Promise<Sent> | null;
}

/** What goes to one place, in the order in which it happened: two messages must not overtake each other. */
export interface Lane {
  add(job: Job): void;
  /** Resolves when nothing is left to send. */
  idle(): Promise<void>;
}

/** How many may wait for a place that does not take them; the oldest beyond are given up. */
const MOST = 200;

/** Opens the lane of a place. `note` journals what became of each job. */
export function openLane(to: string, first: Receipt, note: (note: Note) => Promise<void>): Lane {
  const jobs: Job[] = [];
  let receipt = first;
  let patient = true;
  let working: Promise<void> | null = null;

  async function work(): Promise<void> {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const sending = job.send({ receipt, patient });
      if (sending === null) continue;
      const sent = await sending;
      ({ receipt } = sent);
      patient = sent.why === null;
      await tell(job, sent);
    }
    working = null;
  }

  async function tell({ reaction, of }: Job, { why, receipt, tries }: Sent): Promise<void> {
    const told: Told = { reaction, of, to, receipt };
    const event: Note =
      why === null
        ? { kind: "delivered", ...told }
        : { kind: "not-delivered", ...told, why, tries };
    // A journal that cannot be written is the runner's to notice.
    await note(event).catch(() => undefined);
  }

  return {
    add(job) {
      jobs.push(job);
      if (jobs.length > MOST) {
        const [oldest] = jobs.splice(0, 1);
        if (oldest !== undefined)
          void tell(oldest, { why: `${MOST} later ones wait as well`, receipt, tries: 0 });
      }
      // Not at once: work that ends before it is remembered would be remembered for ever.
      working ??= Promise.resolve().then(work);
    },
    idle: () => working ?? Promise.resolve(),
  };
}
