// The till: who is at the belt, what is on it, what is paid with points, what is brought back.

import { at, fields, h, show } from "./dom.js";
import * as api from "./api.js";
import { money, points, useCurrency } from "./money.js";
import { Basket } from "./basket.js";
import { Returns } from "./returns.js";
import { drawAccount } from "./account.js";

const till = { member: undefined, hold: undefined, quote: 0, currency: "EUR", names: {} };
let basket, returns;

// run does one thing at a time and shows what went wrong where the receipt would be.
async function run(action) {
  document.body.setAttribute("aria-busy", "true");
  show(at("problem"), false);
  try {
    await action();
  } catch (error) {
    at("problem").textContent = error.code ? `${error.message} (${error.code})` : String(error.message ?? error);
    show(at("paper"));
    show(at("problem"));
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

const on = (id, event, action) => at(id).addEventListener(event, (e) => { e.preventDefault(); run(() => action(e.target)); });

async function start() {
  if (!api.key()) {
    show(at("signin"));
    at("signin").elements.key.focus();
    return;
  }
  const [me, programme] = await Promise.all([api.get("v1/whoami"), api.get("v1/programme")]);
  till.currency = programme.currency;
  useCurrency(programme.currency);
  for (const o of programme.organisations) till.names[o.msp] = o.name;
  at("chain").textContent = me.chain.name;
  document.title = `${at("chain").textContent} till`;
  at("desk").textContent = [me.store && `store ${me.store}`, me.terminal && `till ${me.terminal}`, me.role].filter(Boolean).join(" · ");
  for (const id of ["member", "sale", "paper", "returns"]) show(at(id));
  show(at("signin"), false);
  basket = new Basket(() => { void quoteSoon(); });
  returns = new Returns((sale, taken) => run(() => bringBack(sale, taken)));
  basket.draw();
  at("find").elements.who.focus();
}

async function health() {
  try {
    const response = await fetch("readyz", { cache: "no-store" });
    at("health").textContent = response.ok ? "ready" : "not ready";
    at("health").classList.toggle("good", response.ok);
  } catch {
    at("health").textContent = "offline";
    at("health").classList.remove("good");
  }
}

// Members

function lookupOf(text) {
  if (/^[0-9a-f]{32}$/.test(text)) return { member: text };
  return text.includes("@") ? { email: text } : { phone: text.replace(/[\s()-]/g, "") };
}

async function find(form) {
  const { who } = fields(form);
  if (!who) return;
  try {
    welcome(await api.ask("v1/lookups", lookupOf(who)));
  } catch (error) {
    if (error.code !== "member_unknown") throw error;
    const known = lookupOf(who);
    openEnrolment(known.phone ?? "", known.email ?? "");
    throw error;
  }
}

function openEnrolment(phone, email) {
  show(at("find"), false);
  show(at("enrol"));
  at("enrol").elements.phone.value = phone;
  at("enrol").elements.email.value = email;
  at("enrol").elements.name.focus();
}

function closeEnrolment() {
  show(at("enrol"), false);
  show(at("find"));
  at("enrol").reset();
  enrolKey = undefined;
}

let enrolKey; // the same form sent twice is one enrolment

async function enrol(form) {
  enrolKey ??= api.newKey();
  const request = fields(form);
  let answer;
  try {
    answer = await api.write("v1/members", request, enrolKey);
  } catch (error) {
    if (error.status >= 400 && error.status < 500) enrolKey = undefined;
    throw error;
  }
  closeEnrolment();
  print(answer);
  welcome({ member: answer.member, initial: request.name[0], balance: 0, spendable: 0 });
}

function welcome(member) {
  till.member = member;
  at("initial").textContent = (member.initial || "·").toUpperCase();
  at("balance").textContent = points(member.balance);
  at("reference").textContent = member.member;
  show(at("find"), false);
  show(at("member-card"));
  void refresh();
  void quoteSoon();
}

function forget() {
  if (till.hold) throw new Error("Void the hold first");
  till.member = undefined;
  show(at("member-card"), false);
  show(at("account"), false);
  show(at("find"));
  at("find").reset();
  at("find").elements.who.focus();
  void quoteSoon();
}

const refresh = () => run(async () => {
  if (till.member) await drawAccount(till.member.member, till.names);
});

// Quotes

let quoteTimer;
function quoteSoon() {
  clearTimeout(quoteTimer);
  if (!basket?.lines.length) at("quote").textContent = "";
  quoteTimer = setTimeout(() => run(quote), 120);
}

async function quote() {
  const turn = ++till.quote;
  if (!basket.lines.length) {
    at("quote").textContent = "";
    show(at("pay"), false);
    return;
  }
  const asked = { member: till.member?.member, basket: basket.request(till.currency, till.hold?.value) };
  const q = await api.ask("v1/quotes", asked);
  if (turn !== till.quote) return; // a later basket has been asked about
  const next = q.nextPointIn ? ` · one more for ${money(q.nextPointIn)}` : "";
  at("quote").textContent = `${points(q.points)} ${q.points === 1 ? "point" : "points"}, to spend until ${q.expiry}${next}`;
  show(at("pay"), till.member !== undefined && q.maxPoints > 0 && !till.hold);
  if (q.maxPoints > 0) {
    const input = at("pay").elements.points;
    input.max = String(q.maxPoints);
    input.placeholder = `up to ${q.maxPoints} = ${money(q.maxValue)}`;
  }
}

// Selling

const sale = (receipt) => ({ receipt, businessTime: new Date().toISOString() });
const number = (kind) => `${kind}${Date.now().toString(36).toUpperCase()}`;

async function hold(form) {
  const amount = Number(form.points.value);
  const answer = await api.write("v1/holds", { member: till.member.member, points: amount });
  till.hold = answer;
  at("hold").firstElementChild.textContent = `${points(answer.points)} points on hold, worth ${money(answer.value)}`;
  show(at("hold"));
  form.reset();
  print(answer);
  quoteSoon();
  await refresh();
}

async function voidHold() {
  if (!till.hold) return;
  print(await api.write(`v1/holds/${till.hold.hold}/void`, {}));
  endHold();
  await refresh();
}

function endHold() {
  till.hold = undefined;
  show(at("hold"), false);
  quoteSoon();
}

let closing; // receipt and keys of a sale that is being completed: a second try is the same sale

async function checkout() {
  if (!till.member) throw new Error("Find or enrol a member first");
  if (!basket.lines.length) return;
  closing ??= { sale: sale(number("S")), capture: api.newKey(), earn: api.newKey() };
  const paid = till.hold?.value ?? 0;
  if (till.hold) {
    await api.write(`v1/holds/${till.hold.hold}/capture`, { sale: closing.sale }, closing.capture);
  }
  const request = { member: till.member.member, ...closing.sale, basket: basket.request(till.currency, paid) };
  const answer = await api.write("v1/earns", request, closing.earn);
  returns.remember({ sale: closing.sale, lines: basket.lines, total: basket.total, member: till.member.member });
  closing = undefined;
  print(answer);
  if (till.hold) endHold();
  basket.clear();
  await refresh();
}

async function bringBack(sold, taken) {
  const answer = await api.write("v1/returns", { ...sale(number("R")), original: sold.sale, ...taken });
  print(answer);
  returns.draw();
  await refresh();
}

// print shows an answer as the till would: the text for the customer, the proof for everybody.
function print(answer) {
  show(at("paper"));
  at("receipt").textContent = (answer.text ?? [`${answer.kind}: ${answer.status}`]).join("\n");
  const proof = { operation: answer.operation, transaction: answer.transaction, block: answer.block };
  at("proof").replaceChildren(...Object.entries(proof).filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]));
}

// Keyboard

const shortcuts = {
  m: () => (till.member ? run(forget) : at("find").elements.who.focus()),
  b: () => at("articles").firstElementChild.focus(),
  h: () => at("pay").elements.points.focus(),
  v: () => run(voidHold),
  s: () => run(checkout),
  r: () => at("choose").elements.sale.focus(),
};

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const action = shortcuts[event.key.toLowerCase()];
  if (action && basket) {
    event.preventDefault();
    action();
  }
});

on("signin", "submit", async (form) => { api.signIn(form.elements.key.value.trim()); await start(); });
on("find", "submit", find);
on("new-member", "click", () => openEnrolment("", ""));
on("enrol", "submit", enrol);
on("enrol-no", "click", closeEnrolment);
on("forget", "click", forget);
on("pay", "submit", hold);
on("void", "click", voidHold);
on("checkout", "click", checkout);
on("clear", "click", () => basket.clear());

void health();
setInterval(health, 5000);
run(start);
