// Shows who invites and the team. The secret behind # is read once, taken out of the address bar, and never sent.
const NEW_ONE = "Be den som inviterte deg, om en ny invitasjon.";
const TEXTS = {
  cut: "Lenken er ikke hel, eller feil kopiert. Skann koden på nytt, eller kopier hele lenken.",
  unknown_invitation: `Vi finner ikke invitasjonen. Sjekk lenken. Hjelper ikke det: ${NEW_ONE}`,
  invitation_used: "Invitasjonen er allerede brukt. Var det ikke deg? Ring den som inviterte deg med en gang.",
  invitation_expired: `Invitasjonen er gått ut på dato. ${NEW_ONE}`,
  invitation_cancelled: `Invitasjonen er trukket tilbake, eller byttet ut med en nyere. ${NEW_ONE}`,
  swapped: "STOPP: Det som kom, er ikke det invitasjonen sier. Ikke bruk lenken, og si fra til den som inviterte deg.",
  offline: "Får ikke kontakt akkurat nå. Åpne lenken på nytt om litt; den er ikke brukt.",
};
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const text = new TextEncoder();
const hex = (b) => Array.from(b, (n) => n.toString(16).padStart(2, "0")).join("");
const same = (a, b) => hex(a) === hex(b);
const joined = (...parts) => Uint8Array.from(parts.flatMap((p) => [...p]));
const labelled = (label, data) => joined(text.encode(`samsnakk/1 ${label}`), [0], data);
const hash = async (label, data) => new Uint8Array(await crypto.subtle.digest("SHA-256", labelled(label, data)));

class Said extends Error {}

async function derive(secret, label) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: labelled(label, []) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

async function readFragment(fragment) {
  const signs = decodeURIComponent(fragment).replace(/\s/g, "").toUpperCase();
  if (signs.length !== 64 || [...signs].some((s) => !ALPHABET.includes(s))) throw new Said("cut");
  let bits = 0n;
  for (const sign of signs) bits = (bits << 5n) | BigInt(ALPHABET.indexOf(sign));
  const data = Uint8Array.from(bits.toString(16).padStart(80, "0").match(/../g), (b) => parseInt(b, 16));
  const check = await hash("invitation-check", data.slice(0, 37));
  if (data[0] !== 1 || !same(check.slice(0, 3), data.slice(37))) throw new Said("cut");
  return { secret: data.slice(1, 21), card: data.slice(21, 37) };
}

function cbor(data) {
  let at = 0;
  const take = (n) => { if (at + n > data.length) throw new Said("swapped"); at += n; return data.slice(at - n, at); };
  const number = (low) => low < 24 ? low : take(1 << (low - 24)).reduce((n, b) => n * 256 + b, 0);
  function value() {
    const first = take(1)[0], kind = first >> 5, low = first & 31;
    if (kind === 7) return low === 21 ? true : low === 20 ? false : null;
    const n = number(low);
    if (kind === 0) return n;
    if (kind === 2) return take(n);
    if (kind === 3) return new TextDecoder("utf-8", { fatal: true }).decode(take(n));
    if (kind === 4) return Array.from({ length: n }, value);
    if (kind === 5) return Object.fromEntries(Array.from({ length: n }, () => [value(), value()]));
    throw new Said("swapped");
  }
  return value();
}

async function fetched(id) {
  let answer;
  try {
    answer = await fetch(`/api/v1/invitations/${hex(id)}`, { credentials: "omit", referrerPolicy: "no-referrer" });
  } catch { throw new Said("offline"); }
  if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  const code = (await answer.json().catch(() => ({}))).code;
  throw new Said(code in TEXTS ? code : "offline");
}

async function opened(link, id, sealed) {
  const key = await crypto.subtle.importKey("raw", await derive(link.secret, "arrival-opening"), "AES-GCM", false, ["decrypt"]);
  const additionalData = labelled("arrival-opening", joined([0x82, 0x50], id, [0xf6]));
  try {
    const how = { name: "AES-GCM", iv: sealed.slice(0, 12), additionalData };
    return cbor(new Uint8Array(await crypto.subtle.decrypt(how, key, sealed.slice(12))));
  } catch { throw new Said("swapped"); }
}

async function verified(link, opening) {
  const card = cbor(opening.card);
  const bound = same((await hash("invitation-card", opening.card)).slice(0, 16), link.card);
  if (!bound || !same(await hash("invitation-anchors", opening.anchors), card[4])) throw new Said("swapped");
  if (Date.now() >= card[8]) throw new Said("invitation_expired");
  return card;
}

function show(opening, card) {
  const trust = JSON.parse(new TextDecoder().decode(opening.anchors));
  const base64 = (b) => btoa(String.fromCharCode(...b));
  const called = (list, id) => (id && list.find((one) => one.id === base64(id))?.name) || "ukjent";
  const put = (id, said) => { document.getElementById(id).textContent = said; };
  put("title", opening.name ? `Hei, ${opening.name}!` : "Hei!");
  put("said", `${called(trust.people, card[5])} inviterer deg til en felles samtale med dem som hjelper deg.`);
  document.getElementById("team").append(...opening.team.map(([who, house, , first]) => {
    const row = document.createElement("li");
    const from = house ? called(trust.organisations, house) : "pårørende";
    row.textContent = `${called(trust.people, who)}, ${from}${first ? " (tillitspersonen din)" : ""}`;
    return row;
  }));
  put("staff", opening.staff_only ? "De ansatte har også samtaler bare for seg selv. Du ser at de finnes, og hvorfor." : "");
  document.getElementById("invited").hidden = false;
}

const fragment = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
try {
  const link = await readFragment(fragment);
  const id = (await derive(link.secret, "invitation-id")).slice(0, 16);
  const opening = await opened(link, id, await fetched(id));
  show(opening, await verified(link, opening));
} catch (problem) {
  document.getElementById("said").textContent = TEXTS[problem instanceof Said ? problem.message : "swapped"];
}
