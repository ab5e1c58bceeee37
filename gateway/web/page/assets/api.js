// The gateway, as a till sees it. A write carries an Idempotency-Key made before it is sent; whatever goes wrong on the
// way, the same request under the same key is sent again, and the ledger makes sure that it happens once.

const keyName = "zegel-key";
const attempts = 6;

export class Problem extends Error {
  constructor(body, status) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.code = body.code;
    this.status = status;
  }
}

// signIn keeps the key for this tab only. A key in the address (#key=…) is taken over and removed from sight.
export function signIn(key) {
  sessionStorage.setItem(keyName, key);
}

export function key() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    signIn(given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(keyName);
}

export const signOut = () => sessionStorage.removeItem(keyName);

export const newKey = () => crypto.randomUUID();

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function once(method, path, body, idempotencyKey) {
  const headers = { Authorization: `Bearer ${key()}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" });
  const answer = await response.json().catch(() => ({}));
  return { status: response.status, answer };
}

const mayHeal = (status, code) => status >= 500 || status === 429 || status === 202 || code === "idempotency_key_in_use";

async function call(method, path, body, idempotencyKey) {
  for (let attempt = 1; ; attempt++) {
    let result;
    try {
      result = await once(method, path, body, idempotencyKey);
    } catch (lost) {
      if (attempt === attempts) throw new Problem({ detail: "The gateway does not answer. Nothing is lost: try the same again.", code: "offline" }, 0);
      await pause(200 * attempt);
      continue;
    }
    if (result.status < 300 && result.status !== 202) return result.answer;
    if (!mayHeal(result.status, result.answer.code) || attempt === attempts) throw new Problem(result.answer, result.status);
    await pause(200 * attempt);
  }
}

export const get = (path) => call("GET", path);
export const ask = (path, body) => call("POST", path, body);
export const write = (path, body, idempotencyKey = newKey()) => call("POST", path, body, idempotencyKey);
