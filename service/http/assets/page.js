// What the bare pages of signing in do. No text from outside is ever made into markup.
"use strict";

const byId = (id) => document.getElementById(id);
const say = (text) => { byId("said").textContent = text; };
const FAILED = "Det gikk ikke. Prøv igjen om litt.";

async function call(method, path, body) {
  const headers = { "Samsnakk-Session": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  return { ok: answer.ok, status: answer.status, told: await answer.json() };
}

// A program that waits while its person signs in: the page it opened, and what it asked for, stay in this tab.
const PROGRAM = "/sign-in/program";
const [page, kept] = (sessionStorage.getItem("program") ?? "").split("#");
const waiting = page === PROGRAM || page === "/keyring" ? page : "";
const remember = (fragment) => sessionStorage.setItem("program", `${PROGRAM}#${fragment}`);

async function showSession() {
  const { ok, told } = await call("GET", "/api/v1/session");
  if (waiting !== "") {
    if (ok) return location.assign(waiting);
    for (const link of document.querySelectorAll("#sign-in a.button")) link.href += `?then=${waiting}`;
  }
  if (!ok) return;
  document.title = "Du er logget inn – Samsnakk";
  document.querySelector("h1").textContent = "Du er logget inn";
  byId("who").textContent = told.audience === "staff" ? "Du er logget inn som ansatt." : "Du er logget inn.";
  byId("provider").textContent = told.provider_label;
  byId("until").textContent = new Intl.DateTimeFormat(["nb"], { dateStyle: "long", timeStyle: "short" }).format(told.ends_at);
  byId("sign-in").hidden = true;
  byId("signed-in").hidden = false;
}

async function signOut() {
  const { ok, told } = await call("DELETE", "/api/v1/session");
  if (!ok) return say(FAILED);
  location.assign(told.redirect ?? "/sign-in/signed-out");
}

async function endOthers() {
  const { ok, told } = await call("DELETE", "/api/v1/session/others");
  say(ok ? `Ferdig. ${told.ended} andre innlogginger er avsluttet.` : FAILED);
}

// The program's own address and secret stand in the fragment, which is never sent to the hub.
async function showProgram() {
  const fragment = location.hash.slice(1) || (waiting === PROGRAM ? kept : "");
  sessionStorage.removeItem("program");
  const asked = new URLSearchParams(fragment);
  const challenge = asked.get("challenge") ?? "";
  const port = Number(asked.get("port"));
  if (!/^[0-9a-f]{64}$/.test(challenge) || !Number.isInteger(port) || port < 1024 || port > 65535) {
    return say("Lenken fra programmet er ikke hel. Start innloggingen på nytt i programmet.");
  }
  const { ok, told } = await call("GET", "/api/v1/session");
  if (!ok) {
    remember(fragment);
    return location.assign("/sign-in");
  }
  byId("code").textContent = `${challenge.slice(0, 4)} ${challenge.slice(4, 8)}`;
  byId("program").hidden = false;
  byId("allow").addEventListener("click", async () => {
    const made = await call("POST", "/api/v1/session/tickets", { challenge });
    if (made.ok) location.assign(`http://127.0.0.1:${port}/?ticket=${made.told.ticket}`);
    else if (made.told.code === "step_up_needed") {
      remember(fragment);
      location.assign(`/sign-in/${told.provider}/start?max_age=0&then=${PROGRAM}`);
    } else say(FAILED);
  });
}

if (byId("signed-in")) {
  showSession();
  byId("sign-out").addEventListener("click", signOut);
  byId("end-others").addEventListener("click", endOthers);
}
if (byId("program")) showProgram();
