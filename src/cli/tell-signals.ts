const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Under a Node that was too old, `bin/canary.js` runs this process as its child and passes signals on; it is told which
 * ones came here by themselves, so that a Ctrl-C does not count twice. When that parent is gone, so is the terminal.
 */
export function tellSignals(): void {
  const { channel } = process;
  if (process.send === undefined || channel === undefined || channel === null) return;
  channel.unref();
  for (const name of SIGNALS) {
    const listener = (): void => {
      if (process.connected) process.send?.({ signal: name });
      if (process.listenerCount(name) > 1) return;
      // Nobody here handles it, so it does what it does by default.
      process.removeListener(name, listener);
      process.kill(process.pid, name);
    };
    process.on(name, listener);
  }
  process.once("disconnect", () => process.kill(process.pid, "SIGHUP"));
  channel.unref();
}
