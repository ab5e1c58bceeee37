// The member's account as the ledger has it, and the statement as the blocks tell it.

import { at, h, show } from "./dom.js";
import { get } from "./api.js";
import { points } from "./money.js";

export async function drawAccount(member, names) {
  const name = (msp) => names[msp] ?? msp;
  const path = `v1/members/${member}`;
  const [account, statement] = await Promise.all([get(`${path}/account`), get(`${path}/entries?limit=20`)]);
  at("balance").textContent = points(account.balance);
  at("held").textContent = account.held ? `and ${points(account.held)} on hold` : "";
  at("lots").tBodies[0].replaceChildren(...(account.lots ?? []).map((l) => h("tr", {},
    h("td", {}, name(l.issuer)), h("td", {}, `v${l.terms}`), h("td", {}, l.earned), h("td", {}, l.expiry),
    h("td", { class: "number" }, points(l.points)))));
  at("entries").tBodies[0].replaceChildren(...(statement.entries ?? []).map((e) => h("tr", {},
    h("td", {}, new Date(e.at).toLocaleString()), h("td", {}, e.reason), h("td", {}, name(e.issuer)),
    h("td", { class: "number" }, e.points > 0 ? `+${points(e.points)}` : points(e.points)),
    h("td", { class: "number" }, String(e.block)), h("td", { class: "mono" }, `${e.transaction.slice(0, 12)}…`))));
  show(at("account"));
  return account;
}
