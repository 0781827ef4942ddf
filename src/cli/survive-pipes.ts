/** A reader that went away (`| head -1`) ends the printing, never the work. */
export function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => {
      // EPIPE or EIO: nobody reads any more. Later writes fail here again, and are as little missed.
    });
  }
}
