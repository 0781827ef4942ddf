import { z } from "zod";

/** The schema of an evidence file's name: one file inside the stage's folder, never a path. */
export const fileName = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (name) => !/[/\\\0]/.test(name.replaceAll(/\$\{[^{}]*\}/g, "x")) && !name.startsWith("."),
    {
      error: ({ input }) =>
        `"${String(input)}" is not a file name, write one without folders, like smoke.txt`,
    },
  );
