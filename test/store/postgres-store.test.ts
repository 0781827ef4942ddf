import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { writeManifest } from "../../src/evidence/manifest.ts";
import { openDatabase } from "../../src/store/postgres/database.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { SharedStore } from "../../src/store/shared-store.ts";
import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";
import { storeAttacks } from "../support/attack-store.ts";
import { storeContract } from "../support/contract-store.ts";
import { postgresForFile, withoutPostgres, type RealPostgres } from "../support/real-postgres.ts";
import { sealedRollout } from "../support/sealed-rollout.ts";
import { startTcpGate, type TcpGate } from "../support/tcp-gate.ts";

const ROLLOUT = "01jf0000000000000000000001";

describe.skipIf(withoutPostgres)("the postgres store", () => {
  let server: RealPostgres;
  let count = 0;
  beforeAll(async () => {
    server = await postgresForFile();
  }, 60_000);
  afterAll(() => server.stop());

  /** A database of its own for each test. */
  async function database(): Promise<string> {
    count += 1;
    const name = `store${count}`;
    const { password } = server;
    const admin = openAdmin(urlOf("postgres"), password);
    await admin.query(`create database ${name}`, []);
    return name;
  }

  function openAdmin(url: string, password: string): ReturnType<typeof openDatabase> {
    const admin = openDatabase({ url, password });
    onTestFinished(() => admin.close());
    return admin;
  }

  function urlOf(name: string, address = `127.0.0.1:${server.port}`): string {
    return `postgres://owner@${address}/${name}`;
  }

  function open(url: string, patience = 5000): SharedStore {
    const store = createPostgresStore({ url, password: server.password, patience });
    onTestFinished(() => store.close());
    return store;
  }

  storeContract("postgres", async () => {
    const url = urlOf(await database());
    return { store: open(url), again: open(url) };
  });

  storeAttacks("postgres", { claims: 40, targets: 25, words: 25, kills: 4 }, async () => {
    const url = urlOf(await database());
    return { address: url, store: open(url), env: { PGPASSWORD: server.password } };
  });

  /** A store whose connections go through a gate, and another one beside it. */
  async function gated(): Promise<{ gate: TcpGate; store: SharedStore; beside: SharedStore }> {
    const name = await database();
    const gate = await startTcpGate(`127.0.0.1:${server.port}`);
    onTestFinished(() => gate[Symbol.asyncDispose]());
    return { gate, store: open(urlOf(name, gate.address), 1000), beside: open(urlOf(name)) };
  }

  test("a claim whose answer is lost is still this process's own, and nobody else's", async () => {
    const { gate, store, beside } = await gated();
    await beside.claim(ROLLOUT, 1, "a");
    expect(await store.lastEpoch(ROLLOUT)).toBe(1);
    gate.state = "deaf";
    await expect(store.claim(ROLLOUT, 2, "mine")).rejects.toMatchObject({ code: "ESTORE" });
    expect(await beside.lastEpoch(ROLLOUT)).toBe(2);
    gate.state = "open";
    expect(await beside.claim(ROLLOUT, 2, "mine")).toBe("taken");
    expect(await store.claim(ROLLOUT, 2, "mine")).toBe("claimed");
    await store.append(ROLLOUT, 2, ["on"]);
    expect((await beside.read(ROLLOUT)).at(-1)?.lines).toEqual(["mine", "on"]);
  }, 30_000);

  test("lines whose answer is lost stand once, and others in their place replace them", async () => {
    const { gate, store, beside } = await gated();
    await store.claim(ROLLOUT, 1, "a");
    await store.append(ROLLOUT, 1, ["b"]);
    gate.state = "deaf";
    await expect(store.append(ROLLOUT, 1, ["c", "d"])).rejects.toThrow(/does not answer/u);
    expect((await beside.read(ROLLOUT))[0]?.lines).toEqual(["a", "b", "c", "d"]);
    gate.state = "open";
    await store.append(ROLLOUT, 1, ["c", "d", "e"]);
    expect((await beside.read(ROLLOUT))[0]?.lines).toEqual(["a", "b", "c", "d", "e"]);
    gate.state = "deaf";
    await expect(store.append(ROLLOUT, 1, ["f", "g"])).rejects.toThrow(/does not answer/u);
    gate.state = "open";
    await store.append(ROLLOUT, 1, ["F"]);
    expect((await beside.read(ROLLOUT))[0]?.lines).toEqual(["a", "b", "c", "d", "e", "F"]);
  }, 30_000);

  test("an append that never arrived is sent again, through a connection that is cut", async () => {
    const { gate, store, beside } = await gated();
    await store.claim(ROLLOUT, 1, "a");
    gate.state = "mute";
    await expect(store.append(ROLLOUT, 1, ["b"])).rejects.toThrow(/does not answer/u);
    gate.state = "open";
    await store.append(ROLLOUT, 1, ["b", "c"]);
    expect((await beside.read(ROLLOUT))[0]?.lines).toEqual(["a", "b", "c"]);
    await gate.cut();
    await expect(store.append(ROLLOUT, 1, ["d"])).rejects.toThrow(/does not answer/u);
    await expect(store.lastEpoch(ROLLOUT)).rejects.toMatchObject({ code: "ESTORE" });
  }, 30_000);

  test("connections that are killed again and again in the middle of writes: every line once, and in order", async () => {
    const name = await database();
    const [store, beside] = [open(urlOf(name)), open(urlOf(name))];
    const admin = openAdmin(urlOf("postgres"), server.password);
    await store.claim(ROLLOUT, 1, "0");
    const killed = { connections: 0 };
    const over = new AbortController();
    const killing = (async () => {
      while (!over.signal.aborted) {
        const rows = await admin.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
          [name],
        );
        killed.connections += rows.length;
        await sleep(2);
      }
    })();
    const lines: string[] = [];
    while (lines.length < 25 || killed.connections <= 3) {
      const line = String(lines.length + 1);
      lines.push(line);
      // As the journal does: what was not taken is sent again.
      while (
        await store.append(ROLLOUT, 1, [line]).then(
          () => false,
          () => true,
        )
      )
        await sleep(1);
    }
    over.abort();
    await killing;
    expect(await store.lastEpoch(ROLLOUT).catch(() => store.lastEpoch(ROLLOUT))).toBe(1);
    expect((await beside.read(ROLLOUT))[0]?.lines).toEqual(["0", ...lines]);
  }, 60_000);

  test("it is a witness of the evidence: what was cut there and signed anew is found", async () => {
    const url = urlOf(await database());
    const store = open(url);
    const { folder, key, keyid } = await sealedRollout();
    for (const epoch of [1, 2, 3]) {
      const text = readFileSync(join(folder, `journal.${epoch}.ndjson`), "utf8");
      const [first = "", ...rest] = text.trimEnd().split("\n");
      await store.claim(ROLLOUT, epoch, first);
      if (rest.length > 0) await store.append(ROLLOUT, epoch, rest);
    }
    const verify = () =>
      runCanary(folderForTest(), ["verify", folder, "--trust", keyid, "--witness", url], {
        env: { PGPASSWORD: server.password },
      });
    const whole = await verify();
    expect(whole.code, whole.stdout + whole.stderr).toBe(0);
    expect(whole.stdout).toContain(`witness ${url}: saw 8 lines, the last one 3.7`);
    rmSync(join(folder, "journal.3.ndjson"));
    await writeManifest(folder, ROLLOUT, key, "2026-01-01T00:00:00.000Z");
    const cut = await verify();
    expect(cut.code).toBe(50);
    expect(cut.stdout).toContain(`line 7 of epoch 3 was seen by ${url} and is gone`);
  }, 30_000);

  test("a database that forgets synced writes is asked for more, and one that may not is told so", async () => {
    const name = await database();
    const admin = openAdmin(urlOf(name), server.password);
    await open(urlOf(name)).claim(ROLLOUT, 1, "a");
    await admin.query(`alter database ${name} set synchronous_commit = off`, []);
    const store = open(urlOf(name));
    expect(await store.claim(ROLLOUT, 2, "b")).toBe("claimed");
    await admin.query(`create role reader login password 'x'`, []);
    const reader = createPostgresStore({
      url: urlOf(name).replace("owner", "reader"),
      password: "x",
    });
    onTestFinished(() => reader.close());
    await expect(reader.claim(ROLLOUT, 3, "c")).rejects.toThrow(
      /refuses: permission denied .*docs\/stores\.md/u,
    );
    const wrong = createPostgresStore({ url: urlOf(name), password: "wrong" });
    await expect(wrong.lastEpoch(ROLLOUT)).rejects.toThrow(/refuses: .*PGPASSWORD/u);
  });
});
