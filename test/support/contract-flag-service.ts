import { describe, expect, test } from "vitest";

import type { Change } from "../../src/core/field.ts";
import type { Json } from "../../src/core/units.ts";
import type { ActionDriver, DriverContext, Request } from "../../src/drivers/driver.ts";
import { isWrite, startFlagProxy, type FlagProxy } from "../drivers/flags/support/flag-proxy.ts";
import { afterTest } from "./after-test.ts";
import { driverContext } from "./driver-context.ts";
import type { Reply } from "./loopback-server.ts";
import { must } from "./must.ts";

/** A service with a flag that serves some users. */
export interface FlagService extends AsyncDisposable {
  readonly url: string;
  /** Whether the flag serves nobody now, asked without the driver. */
  servesNobody(): boolean;
}

export interface ServiceCase<I> {
  readonly driver: ActionDriver<I>;
  readonly input: object;
  /** The connection beside its address. */
  readonly connection: Readonly<Record<string, Json>>;
  /** Whether the plan says what an answer means, so that a success of a write is in its status alone. */
  readonly described?: true;
  /** A service that works. */
  readonly start: () => Promise<FlagService>;
}

/** Every bound of the drivers is a quarter of itself here, and the time that a write has in the engine is too. */
const FASTER = 4;
const WRITE = 20_000 / FASTER;

/** What is wrong with a service, and how an answer to it looks; null is none at all. */
const TROUBLES: Readonly<Record<string, Reply | null | "cut">> = {
  "says nothing": null,
  "cuts the connection": "cut",
  "answers 500": { status: 500, body: "<html>oops</html>" },
  "answers 429": { status: 429, headers: { "retry-after": "600" } },
  "answers 401": { status: 401, body: '{"message":"who are you?"}' },
  "answers a page": { status: 200, body: "<html>sign in</html>" },
  "answers half a body": { status: 200, body: '{"enabled":tr' },
  "answers another shape": { status: 200, body: '[{"ok":true}]' },
  "answers null": { status: 200, body: "null" },
};

interface Broken<I> {
  readonly driver: ActionDriver<I>;
  readonly service: FlagService;
  readonly proxy: FlagProxy;
  readonly request: (share: number) => Request<I>;
  /** A context whose calls are cut after so many milliseconds, or when a write would be. */
  readonly context: (cut?: number) => DriverContext;
  /** What a share of 25 %, and nobody, is for the driver: found while all was well. */
  readonly some: readonly Change[];
  readonly nobody: readonly Change[];
}

async function broken<I>(under: ServiceCase<I>): Promise<Broken<I>> {
  const { driver, input, connection, start } = under;
  const service = await start();
  const proxy = await startFlagProxy(service.url);
  afterTest(async () => {
    await proxy[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });
  const parsed = driver.input.parse(input);
  const request = (share: number): Request<I> => ({
    input: parsed,
    share,
    connectionName: "flags",
  });
  const context = (cut = WRITE): DriverContext => {
    const real = driverContext({
      connection: { url: proxy.url, ...connection },
      signal: AbortSignal.timeout(cut),
    });
    const http: DriverContext["http"] = ({ timeout, ...sent }) =>
      real.http({ ...sent, ...(timeout === undefined ? {} : { timeout: timeout / FASTER }) });
    return { ...real, http };
  };
  const some = must(await driver.changes(request(50), context()));
  const nobody = must(await driver.changes(request(0), context()));
  expect(await driver.permissions(request(50), context())).toEqual([]);
  return { driver, service, proxy, request, context, some, nobody };
}

/** What a driver that shifts a share through an HTTP API makes of a service that breaks, in each way that services do. */
export function contractOfFlagService<I>(under: ServiceCase<I>): void {
  describe(`${under.driver.kind}: the contract of flag services`, () => {
    test.each(Object.entries(TROUBLES))(
      "a service that %s is no value and no success",
      async (_, trouble) => {
        const { driver, proxy, request, context, some, nobody } = await broken(under);
        proxy.rule = () => trouble;
        const soon = (): DriverContext => context(trouble === null ? 300 : WRITE);
        const fields = some.map(({ field }) => field);
        const read = await driver.read(fields, soon());
        expect(read.kind).not.toBe("ok");
        expect(await driver.permissions(request(50), soon())).not.toEqual([]);
        for (const changes of [some, nobody]) {
          const wrote = await driver.write(changes, soon());
          // A plan that describes an API says what a success is: its status. What it is not is told by reading back.
          const trusted =
            under.described === true && typeof trouble === "object" && trouble?.status === 200;
          expect(wrote.kind === "ok").toBe(trusted);
          if (wrote.kind !== "ok") expect(wrote.why).not.toBe("");
        }
      },
    );

    test.each(Object.entries(TROUBLES))("kills while reading %s", async (_, trouble) => {
      const { driver, service, proxy, context, nobody } = await broken(under);
      proxy.rule = (seen) => (isWrite(seen) ? "pass" : trouble);
      expect(service.servesNobody()).toBe(false);
      await driver.write(nobody, context());
      expect(service.servesNobody()).toBe(true);
    });
  });
}
