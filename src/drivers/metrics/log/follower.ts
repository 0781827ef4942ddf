import type { Sample } from "../../../core/sample.ts";
import type { Millis, WallTime } from "../../../core/units.ts";
import type { DriverContext } from "../../driver.ts";
import { errorSample } from "../sample-of.ts";
import { lineReader } from "./line-reader.ts";
import type { LogFeed } from "./log-line.ts";
import type { LogQuery } from "./log-query.ts";
import { createLogTally, type LogTally } from "./log-tally.ts";
import { sampleLog } from "./sample-log.ts";

/** How often a log is looked at between two questions: a line without a time is as late as this. */
const LOOK: Millis = 250;

export interface FollowedLog {
  /** For messages: its path, or the workload. */
  readonly name: string;
  readonly quiet: boolean;
  /** Whether it can be read again from further back than it was opened. */
  readonly reachesBack: boolean;
  readonly open: (now: () => WallTime) => LogFeed;
}

/** How much further back a log is opened than asked, so that a window which only trembles does not open it again. */
const MARGIN: Millis = 10_000;

/** Follows a log for one query. */
export interface Follower {
  readonly ask: (window: Millis, context: DriverContext) => Promise<Sample>;
  readonly close: () => void;
}

interface Following {
  readonly feed: LogFeed;
  readonly tally: LogTally;
  /** How far back the feed went when it was opened. */
  readonly from: WallTime;
}

export function createFollower(log: FollowedLog, query: LogQuery): Follower {
  const read = lineReader(query);
  const oneByOne = createQueue();
  let following: Following | null = null;
  let timer: ReturnType<typeof setInterval> | null = null;

  function open(from: WallTime, now: () => WallTime): Following {
    following?.feed.close();
    const feed = log.open(now);
    following = { feed, tally: createLogTally(read), from };
    return following;
  }

  /** Between questions too: only so is the time of a line without one known, and no rotation is missed. */
  function look(): void {
    if (oneByOne.isIdle())
      void oneByOne.run(
        async () => await following?.feed.read(following.from, following.tally.add, null),
      );
  }

  async function answer(window: Millis, context: DriverContext): Promise<Sample> {
    const now = (): WallTime => context.now();
    const from = now() - window;
    const isFurther = following !== null && log.reachesBack && from < following.from;
    const used = following === null || isFurther ? open(from - MARGIN, now) : following;
    timer ??= setInterval(look, LOOK).unref();
    const problem = await used.feed.read(used.from, used.tally.add, context);
    if (problem !== null) return errorSample(problem);
    const { name, quiet } = log;
    return await sampleLog({ query, window, now: now(), name, quiet }, used.feed, used.tally);
  }

  return {
    ask: (window, context) => oneByOne.run(() => answer(window, context)),
    close() {
      if (timer !== null) clearInterval(timer);
      following?.feed.close();
      following = null;
    },
  };
}

interface Queue {
  readonly run: <T>(task: () => Promise<T>) => Promise<T>;
  readonly isIdle: () => boolean;
}

/** Runs one task after the other, so that no line is counted twice. */
function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    isIdle: () => waiting === 0,
    run(task) {
      waiting += 1;
      const done = last.then(task).finally(() => {
        waiting -= 1;
      });
      last = done.catch(() => undefined);
      return done;
    },
  };
}
