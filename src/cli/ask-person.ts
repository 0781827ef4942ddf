import { createInterface } from "node:readline/promises";

/** Asks a yes-or-no question on the terminal; only a plain yes is one. Null where nobody can be asked. */
export async function askPerson(question: string): Promise<boolean | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
