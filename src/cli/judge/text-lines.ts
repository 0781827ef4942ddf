/** The lines of a stream of text, in the batches they came in, so that each costs no turn of the event loop. */
export async function* textLines(chunks: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  // In parts: a file without line ends would be searched again from its start with every chunk.
  let rest: string[] = [];
  let isFirst = true;
  for await (const chunk of chunks) {
    const text = isFirst && chunk.startsWith("\uFEFF") ? chunk.slice(1) : chunk;
    isFirst = false;
    rest.push(text);
    if (!text.includes("\n")) continue;
    const lines = rest.join("").split("\n");
    rest = [lines.pop() ?? ""];
    yield lines;
  }
  const last = rest.join("");
  if (last !== "") yield [last];
}
