import type { Unit } from "../../core/plan.ts";

/** What a written unit is worth in the base unit: the number times `factor` times ten to the power of `exponent`. */
export interface Worth {
  readonly factor: number;
  readonly exponent: number;
}

export interface QuantityUnit {
  /** What the metric is, in a sentence: `a time in seconds`. */
  readonly is: string;
  /** How a limit is written: `200ms or 0.2s`. */
  readonly example: string;
  /** The unit that a bare number most likely meant, null where a bare number is right. */
  readonly likely: string | null;
  readonly written: Readonly<Record<string, Worth>>;
}

const one = (exponent = 0, factor = 1): Worth => ({ factor, exponent });

/** How limits of each base unit may be written. */
export const quantityUnits: Readonly<Record<Exclude<Unit, "bool">, QuantityUnit>> = {
  s: {
    is: "a time in seconds",
    example: "200ms or 0.2s",
    likely: "s",
    written: {
      us: one(-6),
      µs: one(-6),
      μs: one(-6),
      ms: one(-3),
      s: one(),
      m: one(0, 60),
      h: one(0, 3600),
      d: one(0, 86_400),
    },
  },
  ratio: { is: "a ratio", example: "5%", likely: "%", written: { "%": one(-2) } },
  count: { is: "a count", example: "5", likely: null, written: { "": one() } },
  none: { is: "a number without a unit", example: "5", likely: null, written: { "": one() } },
  "/s": {
    is: "a rate per second",
    example: "0.1/s or 6/min",
    likely: "/s",
    written: {
      "/s": one(),
      "/min": one(0, 1 / 60),
      "/h": one(0, 1 / 3600),
      "/d": one(0, 1 / 86_400),
    },
  },
  "/min": {
    is: "a rate per minute",
    example: "6/min or 0.1/s",
    likely: "/min",
    written: {
      "/s": one(0, 60),
      "/min": one(),
      "/h": one(0, 1 / 60),
      "/d": one(0, 1 / 1440),
    },
  },
  "ratio/min": {
    is: "a ratio per minute",
    example: "0.5%/min",
    likely: "%/min",
    written: {
      "%/s": one(-2, 60),
      "%/min": one(-2),
      "%/h": one(-2, 1 / 60),
    },
  },
  bytes: {
    is: "a size in bytes",
    example: "512MiB or 1GB",
    likely: "B",
    written: {
      B: one(),
      kB: one(3),
      KB: one(3),
      MB: one(6),
      GB: one(9),
      TB: one(12),
      KiB: one(0, 2 ** 10),
      MiB: one(0, 2 ** 20),
      GiB: one(0, 2 ** 30),
      TiB: one(0, 2 ** 40),
      Ki: one(0, 2 ** 10),
      Mi: one(0, 2 ** 20),
      Gi: one(0, 2 ** 30),
      Ti: one(0, 2 ** 40),
    },
  },
};
