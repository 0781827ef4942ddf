import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import {
  isAnyCallHanging,
  isSilentDisk,
  readDisk,
  reachDisk,
} from "../../src/evidence/reach-disk.ts";
import { folderForTest } from "../e2e/support/run-canary.ts";

test("a folder that is not there is an answer too", async () => {
  await reachDisk("/nowhere/at/all");
  expect(isSilentDisk("/nowhere/at/all")).toBe(false);
  await expect(readDisk("/nowhere", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("a disk that owes an answer is not waited for again until it comes", async () => {
  const folder = folderForTest();
  const { promise, resolve } = Promise.withResolvers<string>();
  let asked = 0;
  const ask = (): Promise<string> => {
    asked += 1;
    return promise;
  };
  await expect(readDisk(folder, ask, 20)).rejects.toThrow(`the disk of ${folder} gives no answer`);
  expect([
    isAnyCallHanging(),
    isSilentDisk(`${folder}/deeper`),
    isSilentDisk(`${folder}x`),
  ]).toEqual([true, true, false]);
  await expect(readDisk(`${folder}/deeper`, ask)).rejects.toThrow("gives no answer");
  await expect(reachDisk(folder)).rejects.toThrow("gives no answer");
  expect(asked).toBe(1);
  resolve("late");
  await sleep(1);
  expect([isAnyCallHanging(), await readDisk(folder, ask)]).toEqual([false, "late"]);
});
