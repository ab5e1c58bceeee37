// Amounts are integers in minor units, here as on the ledger.

let format;
let digits;

export function useCurrency(currency) {
  format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  digits = format.resolvedOptions().maximumFractionDigits;
}
useCurrency("EUR");

export const money = (minor) => format.format(minor / 10 ** digits);

export const points = (n) => n.toLocaleString();

// parseMinor reads "1.99", "1,99" or "2" as minor units without ever using a fraction.
export function parseMinor(text) {
  const match = /^(\d{1,9})(?:[.,](\d{1,4}))?$/.exec(text.trim());
  if (!match || (match[2] ?? "").length > digits) return undefined;
  return Number(match[1] + (match[2] ?? "").padEnd(digits, "0"));
}
