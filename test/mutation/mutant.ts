/** A seeded bug: in `file` (under `src/`) the text `find`, which stands there once, becomes `become`. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly become: string;
}
