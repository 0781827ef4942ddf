/**
 * The entry of the detached sandbox. It is told how to start by its one argument (JSON), says `{ url }` or `{ error }`
 * once over IPC, and ends by itself. The IPC channel is also how it knows that the runner lives: the channel closes
 * with the runner's process, however that ends, and a pid can be somebody else's by then.
 */
import { watchIdle } from "./idle-watch.ts";
import type { DetachedSettings } from "./run-detached.ts";
import { startSandbox } from "./start-sandbox.ts";

const settings = JSON.parse(process.argv[2] ?? "{}") as DetachedSettings;

// Without a listener a closed terminal would end it; what ends it is silence.
process.on("SIGHUP", () => {});

let touch = (): void => {};

try {
  const sandbox = await startSandbox({ ...settings.sandbox, onRequest: () => touch() });
  const end = async (): Promise<void> => {
    watch.stop();
    await sandbox.close();
    process.exit(0);
  };
  const watch = watchIdle(
    settings.idleMs,
    () => process.connected,
    () => void end(),
  );
  touch = () => watch.touch();
  process.once("SIGTERM", () => void end());
  tell({ url: sandbox.url });
} catch (error) {
  tell({ error: (error as Error).message });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}

function tell(message: { url: string } | { error: string }): void {
  // The runner may be gone already: then nobody wants to know, and the idle clock runs.
  if (process.connected) process.send?.(message, () => {});
}
