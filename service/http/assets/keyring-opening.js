// Opening a keyring with what a passkey's PRF gives, exactly as crypto/keyring_slots.py and crypto/keyrings.py do. No page
// and no network in here, so the shared vectors (tests/vectors) are replayed on it.
const SLOTS = { passphrase: 4, device: 3, prf: 4, recovery: 3 };
const MAX_FILE = (1024 + 64) * 1024;
const ONLY_NONCE = new Uint8Array(12);
const text = new TextEncoder();

export class CryptoError extends Error { constructor(kind) { super(kind); this.name = kind; } }
const malformed = () => new CryptoError("Malformed");

export const hex = (bytes) => Array.from(bytes, (n) => n.toString(16).padStart(2, "0")).join("");
export const unhex = (signs) => Uint8Array.from(signs.match(/../g) ?? [], (two) => parseInt(two, 16));
export const base64url = (bytes) => btoa(Array.from(new Uint8Array(bytes), (n) => String.fromCharCode(n)).join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
export const same = (a, b) => hex(a) === hex(b);
const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
};
const labelled = (label, data) => joined(text.encode(`samsnakk/1 ${label}`), [0], data);
export const hash = async (label, data) => new Uint8Array(await crypto.subtle.digest("SHA-256", labelled(label, data)));

// Deterministic CBOR (RFC 8949 §4.2.1), as far as it is written here: whole numbers, bytes, text, arrays.
export function encode(value) {
  const head = (kind, n) => n < 24 ? [kind << 5 | n] : n < 256 ? [kind << 5 | 24, n] : [kind << 5 | 25, n >> 8, n & 255];
  if (Array.isArray(value)) return joined(head(4, value.length), ...value.map(encode));
  if (typeof value === "number") return Uint8Array.from(head(0, value));
  const bytes = typeof value === "string" ? text.encode(value) : value;
  return joined(head(typeof value === "string" ? 3 : 2, bytes.length), bytes);
}

// Accepts exactly the one encoding of a value; `at` is handed back so that a part can be kept as it stood.
class Reader {
  constructor(data) { this.data = data; this.at = 0; }
  take(n) {
    if (this.at + n > this.data.length) throw malformed();
    this.at += n;
    return this.data.slice(this.at - n, this.at);
  }
  head() {
    const first = this.take(1)[0], low = first & 31;
    if (low < 24) return [first >> 5, low];
    if (low > 27 || first >> 5 === 7) throw malformed();
    const width = 1 << (low - 24), n = this.take(width).reduce((sum, byte) => sum * 256 + byte, 0);
    if (n < [24, 256, 65536, 2 ** 32][low - 24] || !Number.isSafeInteger(n)) throw malformed();
    return [first >> 5, n];
  }
  value(depth = 16) {
    const [kind, n] = this.head();
    if (kind === 7 && n > 19 && n < 23) return [false, true, null][n - 20];
    if (kind === 0) return n;
    if (kind === 1 && n < Number.MAX_SAFE_INTEGER) return -1 - n;
    if (kind === 2) return this.take(n);
    if (kind === 3) {
      const bytes = this.take(n);
      if (bytes.includes(0)) throw malformed();
      try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { throw malformed(); }
    }
    if (kind < 4 || n > this.data.length - this.at || depth === 0) throw malformed();
    if (kind === 4) return Array.from({ length: n }, () => this.value(depth - 1));
    if (kind !== 5) throw malformed();
    const entries = [];
    for (let before = ""; entries.length < n;) {
      const start = this.at, key = this.value(0);
      const encoded = hex(this.data.slice(start, this.at));
      if (typeof key !== "string" || encoded <= before) throw malformed();
      before = encoded;
      entries.push([key, this.value(depth - 1)]);
    }
    return new Map(entries);
  }
  end() { if (this.at !== this.data.length) throw malformed(); }
}

export function decode(data) {
  const reader = new Reader(data), value = reader.value();
  reader.end();
  return value;
}

const isBytes = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length);

// The parts of a keyring file; `listed` are its slots as they stand there, which is what the encryption binds.
export function parseFile(data) {
  const reader = new Reader(data);
  if (data.length > MAX_FILE || reader.take(1)[0] !== 0x84 || reader.value(0) !== 1) throw malformed();
  const start = reader.at, slots = reader.value(3), listed = data.slice(start, reader.at);
  const nonce = reader.value(0), ciphertext = reader.value(0);
  reader.end();
  const known = (slot) => Array.isArray(slot) && Object.hasOwn(SLOTS, slot[0]) && slot.length === SLOTS[slot[0]];
  if (!Array.isArray(slots) || slots.length < 1 || slots.length > 32 || !slots.every(known)) throw malformed();
  if (!isBytes(nonce, 12) || !isBytes(ciphertext)) throw malformed();
  return { slots: slots.map((slot) => slot[0] === "prf" ? prfSlot(slot) : { kind: slot[0] }), listed, nonce, ciphertext };
}

function prfSlot([kind, credential, salt, wrapped]) {
  if (!isBytes(credential) || credential.length < 1 || credential.length > 1023) throw malformed();
  if (!isBytes(salt, 32) || !isBytes(wrapped, 48)) throw malformed();
  return { kind, credential, salt, wrapped };
}

async function hkdf(secret, salt, label, context) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: labelled(label, context) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

async function openBox(raw, iv, additionalData, sealed) {
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, sealed));
  } catch { throw new CryptoError("CannotOpen"); }
}

// The key of one slot: it opens this slot only, so this and not the PRF's output is what a program is handed.
export async function slotKey(person, credential, output, salt) {
  if (output.length !== 32) throw new CryptoError("BadKey");
  return hkdf(output, salt, "keyring-prf", encode([person, credential]));
}

export const openSlot = (key, slot) => openBox(key, ONLY_NONCE, new Uint8Array(), slot.wrapped);

export async function openKeyring(file, person, keyringKey) {
  const bound = encode([1, person, await hash("keyring-slots", file.listed)]);
  const ring = decode(await openBox(keyringKey, file.nonce, labelled("keyring", bound), file.ciphertext));
  if (!(ring instanceof Map) || ring.size !== 4 || !same(ring.get("person") ?? [], person)) throw malformed();
  return { seeds: ring.get("seeds"), pins: ring.get("pins") };
}

// The hash of the keyring that a key stream names. The signatures are for the program to check, which knows the roots.
export function namedKeyring(stream) {
  const after = [null], statements = decode(stream).map(([statement]) => decode(statement));
  const owner = statements[0]?.[6].get("organisation") ?? statements[0]?.[2];
  for (const [, , , , , kind, facts, issuer] of statements) {
    const kept = kind === "stream-kept" && same(issuer, owner);
    after.push(kind === "keyring" ? facts.get("hash") : kept ? after[facts.get("n")] : after.at(-1));
  }
  return after.at(-1) ?? null;
}

export async function programCode(program) {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", first = (await hash("browser-code", program)).slice(0, 5);
  const number = first.reduce((sum, byte) => sum << 8n | BigInt(byte), 0n);
  const signs = [35n, 30n, 25n, 20n, 15n, 10n, 5n, 0n].map((shift) => alphabet[Number(number >> shift & 31n)]).join("");
  return `${signs.slice(0, 4)}-${signs.slice(4)}`;
}

// crypto/browser_handovers.py; `ephemeral` is given by the vectors only.
export async function sealHandover({ person, credential, salt, name, key }, program, ephemeral) {
  const pair = ephemeral ?? await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
  const mine = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const theirs = await crypto.subtle.importKey("raw", program, { name: "X25519" }, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "X25519", public: theirs }, pair.privateKey, 256);
  const box = await hkdf(shared, joined(mine, program), "browser-handover", []);
  const boxKey = await crypto.subtle.importKey("raw", box, "AES-GCM", false, ["encrypt"]);
  const content = encode([1, person, credential, salt, name, key]);
  return joined(mine, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: ONLY_NONCE }, boxKey, content)));
}
