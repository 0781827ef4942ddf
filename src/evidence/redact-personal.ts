const EMAIL = /[\w.%+-]{1,64}@(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24}\b/giu;
const CARD = /\b\d(?:[ -]?\d){12,18}\b/gu;

/**
 * Takes what names a person out of a capture: e-mail addresses and payment card numbers. Not for the journal, which has to
 * say who acted. Addresses of machines stay: without them a capture of a cluster says nothing.
 */
export function redactPersonal(text: string): string {
  return text
    .replaceAll(EMAIL, "[redacted e-mail]")
    .replaceAll(CARD, (digits) => (isCardNumber(digits) ? "[redacted card number]" : digits));
}

/** Whether the check digit is right (Luhn, ISO/IEC 7812-1): one of ten other numbers passes too. */
function isCardNumber(text: string): boolean {
  const digits = text.replaceAll(/\D/gu, "");
  // The first digit of every card in use; times in milliseconds and other counters begin with 1.
  if (!/^[2-6]/u.test(digits)) return false;
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}
