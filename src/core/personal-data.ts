/** An e-mail address. With the flag `g`: for `replaceAll` and `matchAll`, which do not keep a place in it. */
export const EMAIL = /[\w.%+-]{1,64}@(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24}\b/giu;

/** Whether digits are those of a payment card by their check digit (Luhn, ISO/IEC 7812-1): one of ten others is too. */
export function isCardNumber(text: string): boolean {
  const digits = text.replaceAll(/\D/gu, "");
  // The first digit of every card in use; times in milliseconds and other counters begin with 1.
  if (!/^[2-6]\d{12,18}$/u.test(digits)) return false;
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}
