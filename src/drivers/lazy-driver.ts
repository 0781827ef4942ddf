import type { ActionDriver, CheckDriver, EvidenceDriver, MetricDriver } from "./driver.ts";
import type { Precedence } from "./precedence.ts";

/** What undo, read-back and fence need of an action driver. */
export type WayBack = Pick<
  ActionDriver<unknown>,
  "read" | "write" | "settle" | "call" | "fence" | "release"
>;

/** What the first write of a way back needs; what else there is may come with the whole driver, after it. */
export type FirstWrite = Pick<WayBack, "read" | "write" | "fence" | "release"> &
  Partial<Pick<WayBack, "settle" | "call">>;

export interface LazyAction {
  readonly style: "fields" | "call" | ((input: unknown) => "fields" | "call");
  /** Its half for the way back, where that loads less than the whole driver. */
  readonly back?: () => Promise<FirstWrite>;
  readonly whole: () => Promise<ActionDriver<unknown>>;
  /** Whether its targets carry a mark: what the whole driver shows by having `fence`. */
  readonly fences?: true;
  readonly releases?: true;
  /** What the whole driver has as `off`. */
  readonly off?: (input: never) => object | null;
}

/** An action driver that is loaded at its first call. Its schema and texts are for plans and not there. */
export function lazyAction(
  kind: string,
  lazy: LazyAction,
  { changed }: Precedence,
): ActionDriver<unknown> {
  const { style } = lazy;
  const back = lazy.back ?? lazy.whole;
  const having = async (method: "settle" | "call"): Promise<FirstWrite> => {
    const own = await back();
    return own[method] === undefined ? await lazy.whole() : own;
  };
  let written = false;
  return {
    kind,
    description: "",
    get input() {
      return notLoaded(kind);
    },
    connections: [],
    traffic: false,
    style: typeof style === "string" ? () => style : style,
    preview: () => notLoaded(kind),
    changes: async (request, context) => (await lazy.whole()).changes(request, context),
    read: async (fields, context) =>
      (await back()).read(fields, context).finally(() => (written ? changed() : undefined)),
    write: async (changes, context) =>
      (await back()).write(changes, context).finally(() => (written = true)),
    settle: async (changes, context) =>
      (await (await having("settle")).settle?.(changes, context)) ?? notLoaded(kind),
    call: async (request, context) =>
      (await (await having("call")).call?.(request, context).finally(changed)) ?? notLoaded(kind),
    permissions: async (request, context) => (await lazy.whole()).permissions(request, context),
    whole: lazy.whole,
    ...(lazy.off === undefined ? {} : { off: (input) => lazy.off?.(input as never) ?? null }),
    ...(lazy.fences === undefined ? {} : { fence: lazily(kind, back, "fence") }),
    ...(lazy.releases === undefined ? {} : { release: lazily(kind, back, "release") }),
  };
}

/** A metric driver that is loaded when its first question is asked. */
export function lazyMetric(
  type: string,
  load: () => Promise<MetricDriver<unknown, unknown>>,
  { turn }: Precedence,
): MetricDriver<unknown, unknown> {
  return {
    type,
    description: "",
    get config() {
      return notLoaded(type);
    },
    get query() {
      return notLoaded(type);
    },
    window: () => notLoaded(type),
    unit: () => notLoaded(type),
    lint: () => notLoaded(type),
    open(config) {
      let source: Promise<ReturnType<MetricDriver<unknown, unknown>["open"]>> | undefined;
      return {
        async sample(query, window, context) {
          source ??= turn()
            .then(load)
            .then((driver) => driver.open(config));
          return await (await source).sample(query, window, context);
        },
        close: () => void source?.then((opened) => opened.close()),
      };
    },
  };
}

export function lazyCheck(
  kind: string,
  load: () => Promise<CheckDriver<unknown>>,
  { turn }: Precedence,
): CheckDriver<unknown> {
  const run: CheckDriver<unknown>["run"] = async (input, context, memory) => {
    await turn();
    return await (await load()).run(input, context, memory);
  };
  const begin: CheckDriver<unknown>["begin"] = async (input, context, memory) => {
    await turn();
    await (await load()).begin?.(input, context, memory);
  };
  return {
    kind,
    description: "",
    get input() {
      return notLoaded(kind);
    },
    connections: [],
    preview: () => notLoaded(kind),
    begin,
    run,
  };
}

export function lazyEvidence(
  kind: string,
  load: () => Promise<EvidenceDriver<unknown>>,
  { turn }: Precedence,
): EvidenceDriver<unknown> {
  const take: EvidenceDriver<unknown>["take"] = async (input, context) => {
    await turn();
    return await (await load()).take(input, context);
  };
  return {
    kind,
    description: "",
    get input() {
      return notLoaded(kind);
    },
    connections: [],
    preview: () => notLoaded(kind),
    take,
  };
}

function lazily(
  kind: string,
  load: () => Promise<FirstWrite>,
  method: "fence" | "release",
): NonNullable<WayBack["fence"]> {
  return async (fields, context) => {
    const driver = await load();
    return (await driver[method]?.(fields, context)) ?? notLoaded(kind);
  };
}

/** What a plan is written against was asked for on the way back: a bug. */
function notLoaded(name: string): never {
  throw new Error(`the schema of ${name} is not loaded on the way back`);
}
