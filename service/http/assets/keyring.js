// What the page for opening a keyring does. What a passkey's PRF gives never leaves this script: a program on this machine
// gets the key of one slot, sealed to a key of its own, and the hub gets nothing.
import { base64url, decode, hash, namedKeyring, openKeyring, openSlot, parseFile, programCode, same, sealHandover, slotKey, unhex } from "/sign-in/assets/keyring-opening.js";

const byId = (id) => document.getElementById(id);
const OTHER_WAYS = [
  "Bruk arket med gjenopprettingskoden, eller en annen enhet som virker.",
  "Har du ingen av delene: Snakk med en av dem som hjelper deg, eller med lederen din om du er ansatt. Du kan slippes inn på nytt.",
];
const STOP = ["Prøv én gang til.", "Blir det slik igjen: Ikke bruk denne siden. Si fra til den som har ansvar for sikkerheten.", ...OTHER_WAYS];
const TEXTS = {
  link: ["Lenken fra programmet er ikke hel.", "Start på nytt i programmet."],
  session_not_bound: ["Vi vet ikke ennå hvem sine enheter dette er.", "Logg inn i programmet Samsnakk én gang først. Skriv der: samsnakk login"],
  another_person: ["Du er logget inn som en annen enn den programmet hører til. Ingenting er endret.", "Logg ut, og logg inn som den programmet hører til."],
  no_keyring: ["Det ligger ingen nøkkelring hos oss ennå.", "Lag den på en enhet som virker. Skriv i programmet: samsnakk recovery make"],
  no_passkey: ["Du har ingen passnøkkel som kan åpne nøkkelringen. Den du har, kan du fortsatt logge inn med.", "Lag en ny passnøkkel på telefonen eller en nyere sikkerhetsnøkkel. Noen kan åpne nøkkelringen, andre ikke.", ...OTHER_WAYS],
  no_slot: ["Ingen av passnøklene dine åpner nøkkelringen ennå. Ingenting er mistet.", ...OTHER_WAYS, "Har du en enhet som virker, kan du la en passnøkkel åpne nøkkelringen neste gang. Skriv i programmet der: samsnakk passkey add"],
  no_prf: ["Passnøkkelen kan ikke åpne nøkkelringen fra denne nettleseren eller enheten. Du kan fortsatt logge inn med den.", "Prøv en annen nettleser, eller telefonen som passnøkkelen ligger på.", ...OTHER_WAYS],
  cancelled: ["Det ble avbrutt, eller passnøkkelen finnes ikke her. Ingenting er endret.", "Prøv igjen, og velg passnøkkelen du la til.", ...OTHER_WAYS],
  not_current: ["STOPP: Vi fikk en gammel nøkkelring, eller en annens. Vi brukte ingenting av den.", ...STOP],
  CannotOpen: ["STOPP: Nøkkelringen lot seg ikke åpne med passnøkkelen. Noen kan ha byttet den ut eller endret den.", ...STOP],
  Malformed: ["STOPP: Det vi fikk, er ingen nøkkelring. Vi brukte ingenting av det.", ...STOP],
  refused: ["Ingenting er gitt videre. Du kan lukke denne siden.", "Har noen bedt deg gjøre dette? Si fra til en av dem som hjelper deg."],
  unknown: ["Det gikk ikke. Ingenting er endret.", "Prøv igjen om litt."],
};

class Said extends Error { constructor(code) { super(code); this.code = code; } }

async function ask(path) {
  let answer;
  try { answer = await fetch(path, { headers: { "Samsnakk-Session": "1" } }); } catch { throw new Said("unknown"); }
  if (answer.ok) return answer;
  throw new Said((await answer.json().catch(() => ({}))).code);
}
const bytesOf = async (path) => new Uint8Array(await (await ask(path)).arrayBuffer());

// The keyring that the person's key stream names, which may be an earlier one than the newest.
async function keyring(person) {
  const named = namedKeyring(await bytesOf(`/api/v1/key-streams/${person}`));
  if (named === null) throw new Said("no_keyring");
  const missing = (error) => { throw error.code === "not_found" ? new Said("not_current") : error; };
  const found = await bytesOf(`/api/v1/keyring?hash=${Array.from(named, (n) => n.toString(16).padStart(2, "0")).join("")}`).catch(missing);
  const [whose, , , , file] = decode(found);
  if (!same(whose, unhex(person)) || !same(await hash("keyring-file", file), named)) throw new Said("not_current");
  return { found, file: parseFile(file) };
}

// Verified people only: authenticators have another PRF for whom they did not verify.
async function evaluate(domain, credentials, prf) {
  const options = {
    challenge: crypto.getRandomValues(new Uint8Array(32)), // nobody checks the signature; the PRF is what is asked for
    rpId: domain,
    allowCredentials: credentials.map((id) => ({ type: "public-key", id })),
    userVerification: "required",
    extensions: { prf },
  };
  const got = await navigator.credentials.get({ publicKey: options }).catch(() => { throw new Said("cancelled"); });
  const output = got.getClientExtensionResults().prf?.results?.first;
  if (output === undefined) throw new Said("no_prf");
  return { credential: new Uint8Array(got.rawId), output: new Uint8Array(output) };
}

async function opened({ domain }, person) {
  const { found, file } = await keyring(person), who = unhex(person);
  const slots = file.slots.filter((slot) => slot.kind === "prf");
  if (slots.length === 0) throw new Said("no_slot");
  const evalByCredential = Object.fromEntries(slots.map((slot) => [base64url(slot.credential), { first: slot.salt }]));
  const { credential, output } = await evaluate(domain, slots.map((slot) => slot.credential), { evalByCredential });
  const slot = slots.find((one) => same(one.credential, credential));
  if (slot === undefined) throw new Said("cancelled");
  const key = await slotKey(who, credential, output, slot.salt);
  output.fill(0);
  const ring = await openKeyring(file, who, await openSlot(key, slot));
  return { found, ring, handover: { person: who, credential, salt: slot.salt, name: "", key } };
}

async function added({ domain, passkeys }, person, salt) {
  const usable = passkeys.filter((one) => one.unlocks && !one.suspended && one.ends_at > Date.now());
  if (usable.length === 0) throw new Said("no_passkey");
  const raw = (one) => Uint8Array.from(atob(one.credential.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const { credential, output } = await evaluate(domain, usable.map(raw), { eval: { first: salt } });
  const who = unhex(person), key = await slotKey(who, credential, output, salt);
  output.fill(0);
  const { name } = usable.find((one) => one.credential === base64url(credential)) ?? { name: "" };
  return { handover: { person: who, credential, salt, name, key } };
}

// A form, because an address would stay in the browser's history.
function hand(port, fields) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `http://127.0.0.1:${port}/`;
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}

function wished(fragment) {
  if (fragment === "") return null;
  const asked = new URLSearchParams(fragment), wish = Object.fromEntries(asked);
  const fits = (name, length) => new RegExp(`^[0-9a-f]{${length}}$`).test(wish[name] ?? "");
  const port = Number(wish.port), adding = wish.do === "add";
  const whole = fits("key", 64) && Number.isInteger(port) && port >= 1024 && port <= 65535;
  if (!whole || (adding ? !fits("person", 32) || !fits("salt", 64) : wish.do !== "open")) throw new Said("link");
  return { adding, port, program: unhex(wish.key), person: wish.person, salt: unhex(wish.salt ?? "") };
}

function say(text, ways = []) {
  byId("said").textContent = text;
  byId("ways").replaceChildren(...ways.map((way) => Object.assign(document.createElement("li"), { textContent: way })));
  byId("help").hidden = ways.length === 0;
  if (text !== "") byId("said").focus();
}

async function serve(wish, told, person) {
  if (wish.adding && wish.person !== person) throw new Said("another_person");
  const { handover, found } = wish.adding ? await added(told, person, wish.salt) : await opened(told, person);
  const sealed = base64url(await sealHandover(handover, wish.program));
  hand(wish.port, found === undefined ? { sealed } : { sealed, found: base64url(found) });
}

async function tryOut(told, person) {
  const { ring } = await opened(told, person), names = [];
  for (const [name, pin] of ring.pins) if (name.startsWith("device-name/")) names.push(new TextDecoder().decode(pin));
  say(`Ja. Passnøkkelen åpner nøkkelringen. Enhetene dine: ${names.sort().join(", ") || "ingen"}.`);
}

async function run(work) {
  say("");
  for (const button of document.querySelectorAll("button")) button.disabled = true;
  try { await work(); } catch (error) {
    const code = error.code ?? error.name;
    if (code === "no_session") return signIn();
    const [text, ...ways] = TEXTS[Object.hasOwn(TEXTS, code) ? code : "unknown"];
    say(text, ways);
  } finally { for (const button of document.querySelectorAll("button")) button.disabled = false; }
}

let fragment = location.hash.slice(1);
function signIn() {
  sessionStorage.setItem("program", `/keyring#${fragment}`);
  location.assign("/sign-in");
}

async function show() {
  const [path, kept] = (sessionStorage.getItem("program") ?? "").split("#");
  sessionStorage.removeItem("program");
  if (fragment === "" && path === "/keyring") fragment = kept;
  if (fragment !== "") history.replaceState(null, "", `#${fragment}`); // so that loading the page again changes nothing
  const wish = wished(fragment), { principal } = await (await ask("/api/v1/session")).json();
  if (principal === null) throw new Said("session_not_bound");
  const passkeys = async () => (await ask("/api/v1/passkeys")).json();
  byId("try").addEventListener("click", () => run(async () => tryOut(await passkeys(), principal)));
  byId("alone").hidden = wish !== null;
  if (wish === null) return;
  byId("wish").textContent = wish.adding
    ? "Du holder på å la en passnøkkel åpne nøkkelringen din. Med den får du alt tilbake om du mister enhetene dine."
    : "Du holder på å hente alt tilbake på en ny enhet. Den får lese alt det du kan lese. Er det noen andre som har bedt deg gjøre dette, så svar nei.";
  byId("code").textContent = await programCode(wish.program);
  byId("allow").addEventListener("click", () => run(async () => serve(wish, await passkeys(), principal)));
  byId("refuse").addEventListener("click", () => {
    byId("program").hidden = true;
    const [text, ...ways] = TEXTS.refused;
    say(text, ways);
  });
  byId("program").hidden = false;
}

run(show);
