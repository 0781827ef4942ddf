import { EMAIL, isCardNumber } from "../core/personal-data.ts";

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
