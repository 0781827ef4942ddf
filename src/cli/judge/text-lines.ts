/** The lines of a stream of text, in the batches they came in, so that each costs no turn of the event loop. */
export async function* textLines(chunks: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let rest = "";
  let isFirst = true;
  for await (const chunk of chunks) {
    const text = isFirst && chunk.startsWith("\uFEFF") ? chunk.slice(1) : chunk;
    isFirst = false;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length > 0) yield lines;
  }
  if (rest !== "") yield [rest];
}
