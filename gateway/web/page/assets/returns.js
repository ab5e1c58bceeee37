// Bringing back: the sales of this tab, by line or by amount.

import { at, h, show } from "./dom.js";
import { money, parseMinor } from "./money.js";

export class Returns {
  sales = [];

  constructor(send) {
    this.send = send;
    at("choose").addEventListener("change", () => this.draw());
    at("back").addEventListener("submit", (event) => this.submit(event));
  }

  // remember keeps a completed sale: {sale, lines, member, total}.
  remember(sale) {
    this.sales.unshift(sale);
    at("choose").elements.sale.replaceChildren(...this.sales.map((s, i) =>
      h("option", { value: String(i) }, `${s.sale.receipt} · ${money(s.total)}`)));
    this.draw();
  }

  get chosen() {
    return this.sales[Number(at("choose").elements.sale.value || 0)];
  }

  draw() {
    show(at("no-sales"), this.sales.length === 0);
    show(at("back"), this.sales.length > 0);
    if (!this.chosen) return;
    at("back").querySelector("tbody").replaceChildren(...this.chosen.lines.map((l, i) => h("tr", {},
      h("td", {}, l.name), h("td", { class: "number" }, `${l.quantity} sold`),
      h("td", { class: "number" }, h("input", {
        type: "number", name: `line-${i + 1}`, min: "0", max: String(l.quantity), step: "1", value: "0", "aria-label": `${l.name}: pieces to bring back`,
      })))));
  }

  submit(event) {
    event.preventDefault();
    const form = event.target;
    const amountText = form.amount.value.trim();
    const amount = amountText === "" ? 0 : parseMinor(amountText);
    form.amount.setCustomValidity(amount === undefined ? "An amount such as 1.99" : "");
    if (!form.reportValidity()) return;
    const lines = this.chosen.lines
      .map((_, i) => ({ line: i + 1, quantity: Number(form.elements[`line-${i + 1}`].value) }))
      .filter((l) => l.quantity > 0);
    this.send(this.chosen, { amount: amount || undefined, lines: lines.length ? lines : undefined });
  }
}
