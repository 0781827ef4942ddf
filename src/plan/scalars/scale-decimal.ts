/**
 * `text` times ten to the power of `exponent`, rounded once: `scaleDecimal("0.7", -2)` is exactly the double 0.007, which
 * `0.7 / 100` is not. `text` is a decimal number as JSON or `String(n)` write it; anything else gives NaN.
 */
export function scaleDecimal(text: string, exponent: number): number {
  const [mantissa = "", own = "0"] = text.toLowerCase().split("e");
  return Number(`${mantissa}e${Number(own) + exponent}`);
}
