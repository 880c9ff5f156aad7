// Replays the vectors on the script of the keyring's page: `node opening_replay.mjs SCRIPT FOLDER` prints, as JSON, what
// each case gives: {file: {name: {output} or {expect}}}.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [script, folder] = process.argv.slice(2);
const page = await import(pathToFileURL(script));
const { hex, unhex } = page;
const BEFORE_A_SEED = unhex("302e020100300506032b656e04220420"); // PKCS #8 of an X25519 key (RFC 8410 §7)

async function keyring({ person, slot, prf, file }) {
  const who = unhex(person), parsed = page.parseFile(unhex(file)), { credential, salt, wrapped } = parsed.slots[slot];
  const opened = await page.openSlot(await page.slotKey(who, credential, unhex(prf), salt), { wrapped });
  const { seeds } = await page.openKeyring(parsed, who, opened);
  return {
    keyring_key: hex(opened),
    seeds: seeds.map(([version, seed]) => [version, hex(seed)]),
    hash: hex(await page.hash("keyring-file", unhex(file))),
  };
}

async function handover({ program, ephemeral, output, sealed }) {
  if (sealed === undefined) return { public: program, code: await page.programCode(unhex(program)) };
  const pkcs8 = Uint8Array.from([...BEFORE_A_SEED, ...unhex(ephemeral)]);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, { name: "X25519" }, true, ["deriveBits"]);
  const { x } = await crypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await crypto.subtle.importKey("jwk", { kty: "OKP", crv: "X25519", x }, { name: "X25519" }, true, []);
  const what = Object.fromEntries(Object.entries(output).map(([name, value]) => [name, name === "name" ? value : unhex(value)]));
  return hex(await page.sealHandover(what, unhex(program), { privateKey, publicKey }));
}

const read = ({ data }) => (page.decode(unhex(data)), "read");
function named({ entries }) {
  const found = page.namedKeyring(page.encode(entries.map((entry) => entry.map(unhex))));
  return found && hex(found);
}

const KINDS = {
  "keyrings.json": [keyring, (one) => "prf" in one],
  "browser_handovers.json": [handover, (one) => "ephemeral" in one || one.output?.code],
  "cbor.json": [read, () => true],
  "streams.json": [named, () => true],
};
const told = {};
for (const [file, [replay, fits]] of Object.entries(KINDS)) {
  const { cases } = JSON.parse(await readFile(`${folder}/${file}`, "utf8"));
  const program = cases.find((one) => one.output?.public)?.output.public;
  told[file] = {};
  for (const one of cases.filter(fits)) {
    try { told[file][one.name] = { output: await replay({ program, ...one }) }; } catch (error) { told[file][one.name] = { expect: error.name }; }
  }
}
console.log(JSON.stringify(told));
