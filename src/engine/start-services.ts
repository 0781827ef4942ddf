import type { Service } from "../core/plan.ts";
import type { DriverContext } from "../drivers/driver.ts";
import type { ExecResult } from "../drivers/exec.ts";
import { answersTcp } from "./answers-tcp.ts";
import { driverContext } from "./driver-context.ts";
import type { Run } from "./run.ts";

const POLL = 50;

/** The processes that live as long as one attempt of a check. */
export interface Services {
  /** Starts them in order, each when the one before is up. Says what is wrong; null when all are up. */
  up(signal: AbortSignal): Promise<string | null>;
  /** Which of them is gone before its time, in words; null while all live. */
  lost(): string | null;
  /** Stops them all, waits until they are gone, and gives what they printed. */
  stop(): Promise<string>;
}

interface Child {
  readonly service: Service;
  readonly cut: AbortController;
  readonly gone: Promise<ExecResult>;
  result: ExecResult | null;
}

/** Builds what starts and stops the services of a check. Nothing is started before `up`. */
export function startServices(run: Run, services: readonly Service[]): Services {
  const children: Child[] = [];
  let stopped: Promise<string> | null = null;
  const end = async (): Promise<string> => {
    const newestFirst = children.toReversed();
    for (const { cut } of newestFirst) cut.abort();
    await Promise.all(newestFirst.map(({ gone }) => gone));
    return children.map(printed).join("");
  };
  return {
    async up(signal) {
      // A runner that was killed could not stop its own, and they hold the places that these need.
      if (run.epoch > 1) await run.engine.processes.endServices(run.rollout, run.epoch);
      for (const service of services) {
        const context = driverContext(run, null, signal);
        const problem = await startOne(run, service, context, children);
        if (problem !== null) return `the service ${service.name} ${problem}`;
      }
      return null;
    },
    lost() {
      const early = children.find(({ result }) => result !== null);
      return early === undefined
        ? null
        : `the service ${early.service.name} ${howItEnded(early.result)} before the check was over`;
    },
    stop() {
      stopped ??= end();
      // The runner does not leave before they are gone.
      run.stopping.add(stopped);
      void stopped.finally(() => run.stopping.delete(stopped as Promise<string>));
      return stopped;
    },
  };
}

async function startOne(
  run: Run,
  service: Service,
  context: DriverContext,
  children: Child[],
): Promise<string | null> {
  if (await isUp(service, context, "taken")) {
    const place = service.ready.kind === "tcp" ? service.ready.address : service.ready.url;
    return `was not started: something answers at ${place} already`;
  }
  if (context.signal.aborted) return "was not started: interrupted";
  const child = launch(run, service, context);
  children.push(child);
  const until = context.now() + service.within;
  for (;;) {
    if (child.result !== null) return `${howItEnded(child.result)} before it was up`;
    if (await isUp(service, context, "up")) return null;
    if (context.now() >= until) return `was not up within ${service.within / 1000} s`;
    try {
      await context.sleep(POLL);
    } catch {
      return "was interrupted";
    }
  }
}

/** In a process group of its own: what it starts itself goes with it. */
function launch(run: Run, service: Service, context: DriverContext): Child {
  const cut = new AbortController();
  const { resolve } = context;
  // Cut with the check, and by `stop`.
  const signal = AbortSignal.any([cut.signal, context.signal]);
  const env = Object.entries(service.env).map(([key, text]) => [key, resolve(text)] as const);
  const gone = context.exec(service.argv.map(resolve), {
    signal,
    leavesNothing: true,
    env: { ...Object.fromEntries(env), CANARY_SERVICE: service.name },
    ...(service.cwd === null ? {} : { cwd: resolve(service.cwd) }),
  });
  const child: Child = { service, cut, gone, result: null };
  run.stopping.add(gone);
  void gone.then((result) => {
    run.stopping.delete(gone);
    child.result = result;
  });
  return child;
}

/** `taken`: any answer at all shows that the place is not free. */
async function isUp(
  { ready }: Service,
  context: DriverContext,
  wants: "up" | "taken",
): Promise<boolean> {
  if (ready.kind === "tcp") return await answersTcp(context.resolve(ready.address), context.signal);
  const url = context.resolve(ready.url);
  const answer = await context.http({ url, method: "GET", signal: context.signal, timeout: 1000 });
  if (answer.kind === "noAnswer") return false;
  return wants === "taken" || (answer.status >= 200 && answer.status <= 299);
}

function howItEnded(result: ExecResult | null): string {
  if (result === null) return "ended";
  const last = result.stderr.trim() === "" ? result.stdout : result.stderr;
  const words = last.trim().split("\n").slice(-1).join("").slice(-200);
  const how =
    result.exitCode === null ? (result.why ?? "was killed") : `ended with ${result.exitCode}`;
  return words === "" ? how : `${how} (${words})`;
}

function printed({ service, result }: Child): string {
  const text = `${result?.stdout ?? ""}${result?.stderr ?? ""}`;
  const ended = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `--- service ${service.name}\n${ended}`;
}
