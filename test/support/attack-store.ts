import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { createRolloutId } from "../../src/evidence/rollout-id.ts";
import type { Store } from "../../src/store/store.ts";
import { afterTest } from "./after-test.ts";

interface Worker {
  ask(command: string): Promise<string>;
  /** Sends a command whose answers are read with `next`. */
  send(command: string): void;
  next(): Promise<string>;
  /** Ends it with SIGKILL, and gives every line that it had said. */
  kill(): Promise<readonly string[]>;
}

/** What is attacked: `open` gives the address for other processes and a view of this one. */
export interface Attacked {
  readonly address: string;
  readonly store: Store;
  /** For the environment of the other processes. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How often each attack is repeated; a store across a network takes longer for one round. */
export interface Rounds {
  readonly claims: number;
  readonly targets: number;
  readonly words: number;
  readonly kills: number;
}

async function startWorker({ address, env }: Attacked): Promise<Worker> {
  const script = fileURLToPath(import.meta.resolve("./store-worker.ts"));
  const child = spawn(process.execPath, [script, address], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const exited = once(child, "exit");
  afterTest(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error("the worker is gone");
    return value;
  };
  const send = (command: string): void => void child.stdin.write(`${command}\n`);
  expect(await next()).toBe("ready");
  return {
    send,
    next,
    ask: (command) => (send(command), next()),
    async kill() {
      child.kill("SIGKILL");
      await exited;
      const said: string[] = [];
      for (;;) {
        const { done, value } = await lines.next();
        if (done === true) return said;
        said.push(value);
      }
    },
  };
}

/** What several processes do to one store at once, and what a killed one leaves: the same for every store. */
export function storeAttacks(name: string, rounds: Rounds, open: () => Promise<Attacked>): void {
  test(`${name}: of processes that claim one epoch exactly one wins, every time`, async () => {
    const attacked = await open();
    const workers = await Promise.all([0, 1, 2].map(() => startWorker(attacked)));
    const wins = [0, 0, 0];
    for (let round = 0; round < rounds.claims; round += 1) {
      const rollout = createRolloutId(Date.now());
      const answers: string[] = [];
      // Another one is asked first each time, so that no head start decides.
      await Promise.all(
        [0, 1, 2].map(async (place) => {
          const index = (place + round) % 3;
          answers[index] = (await workers[index]?.ask(`claim ${rollout} 1 claim-${index}`)) ?? "";
        }),
      );
      const winner = answers.indexOf("claimed");
      expect(answers.toSorted()).toEqual(["claimed", "taken", "taken"]);
      wins[winner] = (wins[winner] ?? 0) + 1;
      expect(await attacked.store.read(rollout)).toEqual([
        { epoch: 1, lines: [`claim-${winner}`], torn: null },
      ]);
    }
    // When one always wins, they did not race.
    expect(wins.filter((count) => count > 0).length).toBeGreaterThan(1);
  });

  test(`${name}: of processes that claim one target exactly one holds it, every time`, async () => {
    const attacked = await open();
    const { store } = attacked;
    const workers = await Promise.all([0, 1].map(() => startWorker(attacked)));
    const rollouts = workers.map((_, index) => createRolloutId(Date.now() + index));
    for (let round = 0; round < rounds.targets; round += 1) {
      const answers = await Promise.all(
        workers.map((worker, index) => worker.ask(`lock target/${round} ${rollouts[index]} 0`)),
      );
      expect(answers.toSorted()).toEqual(["held", "taken"]);
      const holder = rollouts[answers.indexOf("held")];
      const asked = await store.lock(`target/${round}`, rollouts[0] ?? "", 0);
      expect(asked).toEqual({ kind: "taken", holder, n: 1, where: store.where });
    }
  });

  test(`${name}: words that processes post at once all arrive`, async () => {
    const attacked = await open();
    const rollout = createRolloutId(Date.now());
    const workers = await Promise.all([0, 1].map(() => startWorker(attacked)));
    await Promise.all(
      workers.map(async (worker, index) => {
        for (let word = 0; word < rounds.words; word += 1)
          await worker.ask(`post ${rollout} ${index}-${word}`);
      }),
    );
    const words = await attacked.store.inbox(rollout, 0);
    expect(words).toHaveLength(2 * rounds.words);
    for (const index of [0, 1])
      expect(words.filter((word) => word.startsWith(`${index}-`))).toEqual(
        Array.from({ length: rounds.words }, (_, word) => `${index}-${word}`),
      );
  });

  test(`${name}: kill -9 of the writer loses no line that was acknowledged, and a torn one is told apart`, async () => {
    const attacked = await open();
    for (let round = 0; round < rounds.kills; round += 1) {
      const rollout = createRolloutId(Date.now());
      const worker = await startWorker(attacked);
      worker.send(`append-for-ever ${rollout} 1`);
      let acknowledged = 0;
      for (let line = 0; line < 1 + round * 15; line += 1)
        acknowledged = Number(await worker.next());
      const rest = await worker.kill();
      acknowledged = Number(rest.at(-1) ?? acknowledged);
      const taker = attacked.store;
      const epochs = await taker.read(rollout);
      const lines = epochs[0]?.lines ?? [];
      expect(lines.length).toBeGreaterThan(acknowledged);
      for (const [number, line] of lines.entries()) {
        const [, count, fill = ""] = /^line (\d+) ?(x*)$/u.exec(line) ?? [];
        expect([Number(count), fill.length]).toEqual([number, number % 5000]);
      }
      const whole = `line ${lines.length} ${"x".repeat(lines.length % 5000)}`;
      expect(whole.startsWith(epochs[0]?.torn ?? "")).toBe(true);
      expect(await taker.claim(rollout, 2, "takeover")).toBe("claimed");
      // What was under way when the writer died may still land: never a part of a line.
      const again = (await taker.read(rollout))[0]?.lines ?? [];
      expect(again.slice(0, lines.length)).toEqual(lines);
      expect(again.length).toBeLessThanOrEqual(lines.length + 1);
    }
  });
}
