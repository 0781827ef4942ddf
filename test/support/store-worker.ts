// A process that works on the store of an address, one command per line of its input; each answer is one line of its output.
// `claim ROLLOUT EPOCH LINE`, `lock TARGET ROLLOUT AFTER`, `post ROLLOUT WORD`, `append-for-ever ROLLOUT EPOCH`.
import { createInterface } from "node:readline";

import { openStore } from "./open-store.ts";

const store = await openStore(process.argv[2] ?? "");

async function answer(line: string): Promise<string> {
  const [command, a = "", b = "", c = ""] = line.split(" ");
  switch (command) {
    case "claim":
      return store.claim(a, Number(b), c);
    case "lock":
      return (await store.lock(a, b, Number(c))).kind;
    case "post":
      await store.post(a, b);
      return "posted";
    case "append-for-ever":
      return appendForEver(a, Number(b));
    default:
      throw new Error(`unknown command ${line}`);
  }
}

/** Says the number of a line only when it is synced: what was said must be found after any crash. */
async function appendForEver(rollout: string, epoch: number): Promise<never> {
  await store.claim(rollout, epoch, "line 0");
  for (let count = 1; ; count += 1) {
    await store.append(rollout, epoch, [`line ${count} ${"x".repeat(count % 5000)}`]);
    process.stdout.write(`${count}\n`);
  }
}

process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${await answer(line)}\n`);
