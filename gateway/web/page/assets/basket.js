// The basket on the belt: lines of articles, a total, and what the ledger would say to it.

import { at, h } from "./dom.js";
import { money, parseMinor } from "./money.js";

const articles = [
  ["8710400000017", "bread", "Wholemeal", 249], ["8710400000024", "dairy", "Milk 1 l", 139],
  ["8710400000031", "dairy", "Gouda 400 g", 415], ["8710400000048", "vegetables", "Leeks", 189],
  ["8710400000055", "fruit", "Apples 1 kg", 299], ["8710400000062", "meat", "Chicken", 679],
  ["8710400000093", "coffee", "Coffee 500 g", 749], ["8710400000109", "household", "Detergent", 1099],
];

export class Basket {
  lines = [];

  constructor(changed) {
    this.changed = changed;
    for (const [sku, category, name, price] of articles) {
      at("articles").append(h("button", { type: "button", onclick: () => this.add(sku, category, name, price) },
        name, h("small", {}, money(price))));
    }
    at("other").addEventListener("submit", (event) => this.addOther(event));
  }

  addOther(event) {
    event.preventDefault();
    const form = event.target;
    const price = parseMinor(form.price.value);
    form.price.setCustomValidity(price === undefined ? "An amount such as 1.99" : "");
    if (!form.reportValidity()) return;
    this.add(form.sku.value.trim(), "", form.sku.value.trim(), price);
    form.reset();
    form.sku.focus();
  }

  add(sku, category, name, price) {
    const line = this.lines.find((l) => l.sku === sku && l.price === price);
    if (line) line.quantity++;
    else this.lines.push({ sku, category, name, price, quantity: 1 });
    this.draw();
  }

  change(line, by) {
    line.quantity += by;
    this.lines = this.lines.filter((l) => l.quantity > 0);
    this.draw();
  }

  clear() {
    this.lines = [];
    this.draw();
  }

  get total() {
    return this.lines.reduce((sum, l) => sum + l.price * l.quantity, 0);
  }

  // request is the basket as the gateway takes it.
  request(currency, paidWithPoints = 0) {
    return {
      currency, total: this.total, paidWithPoints: paidWithPoints || undefined,
      lines: this.lines.map((l) => ({ sku: l.sku, category: l.category || undefined, quantity: l.quantity, amount: l.price * l.quantity })),
    };
  }

  draw() {
    at("lines").tBodies[0].replaceChildren(...this.lines.map((l) => h("tr", {},
      h("td", {}, l.name),
      h("td", { class: "number" },
        h("button", { type: "button", "aria-label": `one ${l.name} less`, onclick: () => this.change(l, -1) }, "−"), ` ${l.quantity} `,
        h("button", { type: "button", "aria-label": `one ${l.name} more`, onclick: () => this.change(l, 1) }, "+")),
      h("td", { class: "number" }, money(l.price * l.quantity)))));
    at("total").textContent = money(this.total);
    at("checkout").disabled = this.lines.length === 0;
    this.changed();
  }
}
