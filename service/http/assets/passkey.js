// What the page for passkeys does. What the authenticator's extensions give stays in this browser: never in a request.
const byId = (id) => document.getElementById(id);
const say = (text) => { byId("said").textContent = text; };
const when = new Intl.DateTimeFormat(["nb"], { dateStyle: "long" });
const TEXTS = {
  step_up_needed: "Dette må du logge inn på nytt for å gjøre. Vi sender deg til innloggingen.",
  session_not_bound: "Logg inn i programmet Samsnakk én gang først (samsnakk login), så vi vet hvem sine enheter dette er.",
  passkey_refused: "Passnøkkelen virket ikke. Prøv igjen, eller logg inn på en annen måte. Der ser du passnøklene dine.",
  passkey_cloned: "STOPP: Det kan finnes en kopi av passnøkkelen, så vi har stengt den. Logg inn på en annen måte og fjern den.",
  passkey_not_added: "Den er lagret fra før, eller du har ti allerede. Fjern en først.",
  no_session: "Du er ikke logget inn lenger. Last siden på nytt.",
  quota_exceeded: "Det var mange forsøk på kort tid. Vent litt.",
};
class Said extends Error {}

async function call(method, path, body) {
  const headers = { "Samsnakk-Session": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Said(TEXTS[told.code] ?? "Det gikk ikke. Prøv igjen om litt."), { code: told.code });
  return told;
}

// Written field by field, so that nothing which an extension gave can come along (toJSON() would bring it).
function plain({ id, type, authenticatorAttachment, response }, ...fields) {
  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const told = Object.fromEntries(["clientDataJSON", ...fields].filter((f) => response[f]).map((f) => [f, base64(response[f])]));
  return { id, rawId: id, type, authenticatorAttachment, response: told };
}

const asked = async (work) => {
  try { return await work(); } catch (error) {
    if (error instanceof Said) throw error;
    throw new Said(error.name === "InvalidStateError" ? TEXTS.passkey_not_added : "Det ble avbrutt, eller enheten kan ikke bruke passnøkler.");
  }
};

async function enter() {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(await call("POST", "/api/v1/passkeys/challenge"));
  const found = await asked(() => navigator.credentials.get({ publicKey: options }));
  const credential = plain(found, "authenticatorData", "signature", "userHandle");
  await call("POST", "/api/v1/passkeys/session", { credential });
  const [waiting] = (sessionStorage.getItem("program") ?? "").split("#"); // the page that a program opened
  location.assign(["/sign-in/program", "/keyring"].includes(waiting) ? waiting : "/sign-in");
}

async function add() {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(await call("POST", "/api/v1/passkeys/registration"));
  // Some authenticators have a PRF only for passkeys that were made with one in mind.
  options.extensions = { prf: {} };
  const made = await asked(() => navigator.credentials.create({ publicKey: options }));
  const unlocks = made.getClientExtensionResults().prf?.enabled === true;
  await call("POST", "/api/v1/passkeys", { name: byId("name").value, unlocks, credential: plain(made, "attestationObject") });
  await show();
  say(unlocks ? "Ferdig. Nå kan du logge inn med passnøkkelen. Vil du at den skal åpne nøkkelringen også, så gjør du det i programmet: samsnakk passkey add."
    : "Ferdig. Du kan logge inn med passnøkkelen, men enheten kan ikke bruke den til å åpne nøkkelringen. Ta vare på gjenopprettingskoden.");
}

async function remove(id) {
  await call("DELETE", `/api/v1/passkeys/${id}`);
  await show();
  say("Fjernet. Den slipper ingen inn lenger, og det den hadde logget inn, er logget ut."
    + " Åpnet den nøkkelringen også? Da fjerner du den der i programmet: samsnakk passkey remove.");
}

function row(passkey) {
  const item = document.createElement("li"), text = document.createElement("p"), button = document.createElement("button");
  const state = passkey.suspended ? "Stengt, fordi det kan finnes en kopi. Fjern den."
    : passkey.ends_at <= Date.now() ? "Gått ut på dato. Fjern den og lag en ny."
    : `Sist brukt ${when.format(passkey.used_at)}. Varer til ${when.format(passkey.ends_at)}.`;
  text.textContent = `${passkey.name}. ${state}`;
  button.type = "button";
  button.textContent = `Fjern ${passkey.name}`;
  button.addEventListener("click", () => run(() => remove(passkey.id)));
  item.append(text, button);
  return item;
}

let provider = "";
async function show() {
  try {
    provider = (await call("GET", "/api/v1/session")).provider;
  } catch (error) {
    if (error.code !== "no_session") throw error;
    byId("out").hidden = false;
    return;
  }
  const { passkeys } = await call("GET", "/api/v1/passkeys");
  byId("list").replaceChildren(...passkeys.map(row));
  byId("none").hidden = passkeys.length > 0;
  byId("in").hidden = false;
}

async function run(work) {
  say("");
  try { await work(); } catch (error) {
    say(error instanceof Said ? error.message : "Det gikk ikke. Prøv igjen om litt.");
    if (error.code === "step_up_needed") location.assign(`/sign-in/${provider}/start?max_age=0&then=/passkey`);
  }
}

byId("enter").addEventListener("click", () => run(enter));
byId("add").addEventListener("submit", (event) => { event.preventDefault(); run(add); });
run(show);
