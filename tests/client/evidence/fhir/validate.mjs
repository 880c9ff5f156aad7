// Reads resources of FHIR R4 from standard input, one JSON object a line; writes for each line what is wrong with it.
import { createInterface } from "node:readline";
import { Fhir, Versions } from "fhir/fhir.js";
import { ParseConformance } from "fhir/parseConformance.js";

const parser = new ParseConformance(true, Versions.R4);
const fhir = new Fhir(parser);
for await (const line of createInterface({ input: process.stdin })) {
  const { messages } = fhir.validate(line, { errorOnUnexpected: true });
  const wrong = messages.filter((one) => one.severity === "error" || one.severity === "fatal");
  console.log(JSON.stringify(wrong.map((one) => `${one.location}: ${one.message}`)));
}
