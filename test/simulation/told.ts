import type { History } from "./world.ts";

/** What happened in a run, for whoever looks for the fault: one line each, in order of time. */
export function told(history: History): string {
  const journal = history.epochs.flatMap(({ epoch, lines }) =>
    lines.map((line) => {
      const { mono, event } = JSON.parse(line) as { mono: number; event: unknown };
      return `${mono} e${epoch} ${JSON.stringify(event)}`;
    }),
  );
  const writes = history.targets.landed.map(
    ({ at, pid, epoch, key, value }) =>
      `${at} landed ${key}=${JSON.stringify(value)} by ${pid} e${epoch}`,
  );
  const order = (line: string): number => Number(line.split(" ", 1)[0]);
  return [...history.log, ...journal, ...writes]
    .toSorted((a, b) => order(a) - order(b))
    .map((line) => line.slice(0, 300))
    .join("\n");
}
