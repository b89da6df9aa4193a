// The page of the verifier: takes a file, has it checked, says what came out. Owns what is on the screen; the check is in engine.js.
// Three outcomes, never mixed: nothing found, something found, could not be checked. The last one says nothing about the file.
"use strict";

const WORDS = JSON.parse(document.getElementById("words").textContent);
const SHOWN_FINDINGS = 100;
const $ = (id) => document.getElementById(id);

let language = (navigator.language ?? "").toLowerCase().startsWith("zh") ? "zh-CN" : "en";
let shown = null; // what the result was drawn from, so that another language can draw it again
let running = null;

const t = (key, values = {}) => WORDS[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const number = (value) => value.toLocaleString(language);
const moment = (millis) => {
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) return String(millis);
  return new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "medium", timeZone: "Asia/Shanghai" }).format(date);
};

/** An element with text; everything from a file goes through here and never becomes markup. */
function make(name, text, attributes = {}) {
  const element = document.createElement(name);
  if (text !== null) element.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}

function speak() {
  document.documentElement.lang = language;
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  if (shown !== null) draw();
}

/** The bytes of the wasm module, which stand in the page as base64. */
const moduleBytes = () => Uint8Array.from(atob($("module").textContent), (letter) => letter.charCodeAt(0));

/** Has a file checked, in a worker of its own: its memory goes with it, and the page stays alive. */
function run(task, told) {
  let worker;
  try {
    const address = URL.createObjectURL(new Blob([$("engine").textContent], { type: "text/javascript" }));
    worker = new Worker(address);
    URL.revokeObjectURL(address);
  } catch {
    return { reply: checkFile(task, told), stop() {} };
  }
  const reply = new Promise((resolve) => {
    worker.onmessage = ({ data }) => (data.reply ? resolve(data.reply) : told(data.read));
    worker.onerror = () => resolve({ fault: "broken" });
    worker.onmessageerror = worker.onerror;
  });
  worker.postMessage(task);
  return { reply: reply.finally(() => worker.terminate()), stop: () => worker.terminate() };
}

const digits = (text) => text.replace(/[\s:-]/g, "");

/** Whether the server's name can be one; an empty one is allowed. */
function serverIsWell() {
  const text = digits($("server").value);
  const well = text === "" || /^[0-9a-f]{64}$|^04[0-9a-f]{128}$/i.test(text);
  $("server").setAttribute("aria-invalid", String(!well));
  $("server-error").hidden = well;
  return well;
}

async function check(file) {
  if (!file) return;
  if (!serverIsWell()) {
    $("server").focus();
    return;
  }
  running?.stop();
  shown = null;
  $("result").hidden = true;
  $("progress").hidden = false;
  $("drop").setAttribute("aria-busy", "true");
  const told = (read) => {
    $("bar").value = file.size === 0 ? 1 : read / file.size;
    $("doing").textContent = read < file.size ? t("reading", { read: megabytes(read), size: megabytes(file.size) }) : t("checking");
  };
  told(0);
  const server = digits($("server").value);
  const mine = (running = run({ module: moduleBytes(), file, server }, told));
  const reply = await mine.reply;
  if (running !== mine) return; // another file came meanwhile
  running = null;
  $("progress").hidden = true;
  $("drop").removeAttribute("aria-busy");
  shown = { reply, name: file.name, size: file.size, at: Date.now() };
  draw();
  $("verdict").focus();
}

const megabytes = (bytes) => `${(bytes / 1e6).toLocaleString(language, { maximumSignificantDigits: 3 })} MB`;

/** Draws the result anew. */
function draw() {
  const { outcome, sha256, fault } = shown.reply;
  const state = fault ? "fault" : outcome.verified ? "good" : "bad";
  $("result").dataset.state = state;
  $("sign").replaceChildren(document.querySelector(`#sign-${state}`).content.cloneNode(true));
  $("result").hidden = false;
  const verdict = { fault: () => t("verdict.fault"), good: () => t("verdict.good"), bad: () => t("verdict.bad", { n: number(outcome.findings.length) }) };
  $("verdict").textContent = verdict[state]();
  const meaning = { fault: () => faultWords(fault), good: () => (outcome.server_key_was_given ? t("meaning.known") : t("meaning.unknown")), bad: () => t("meaning.bad") };
  $("meaning").textContent = meaning[state]();
  $("limits").hidden = state !== "good";
  $("compare").hidden = state !== "good" || outcome.server_key_was_given;
  const findings = outcome?.findings ?? [];
  const lines = findings.slice(0, SHOWN_FINDINGS).map(line);
  if (findings.length > SHOWN_FINDINGS) lines.push(make("li", t("more", { n: number(findings.length - SHOWN_FINDINGS) })));
  $("findings").replaceChildren(...lines);
  $("findings").hidden = lines.length === 0;
  drawFacts(state, outcome?.export, sha256);
}

/** Faults of the module itself are one kind for the person in front of it. */
function faultWords(fault) {
  const words = { too_large: () => t("fault.too_large"), size: () => t("fault.size"), unreadable: () => t("fault.unreadable") };
  return (words[fault] ?? (() => t("fault.broken")))();
}

function line({ code, about }) {
  const item = make("li", null, { "data-code": code });
  item.append(make("span", WORDS[language][`finding.${code}`] ?? code), make("code", about));
  return item;
}

function drawFacts(state, said, sha256) {
  const facts = [[t("fact.file"), `${shown.name} · ${megabytes(shown.size)}`], [t("fact.checked"), moment(shown.at)]];
  if (sha256) facts.push([t("fact.sha256"), sha256, "code"]);
  const own = said ? [
    [t("fact.records"), said.records.join(", "), "code"],
    [t("fact.ops"), number(said.ops)],
    [t("fact.files"), said.files_missing > 0 ? t("files_missing", { n: number(said.files), missing: number(said.files_missing) }) : number(said.files)],
    [t("fact.signers"), said.signers.join(language === "en" ? ", " : "、")],
    [t("fact.created"), moment(said.created_millis)],
    [t("fact.checkpoint"), t("checkpoint", { time: moment(said.checkpoint_millis), n: number(said.log_size) })],
    [t("fact.fingerprint"), said.server_fingerprint.replace(/.{4}(?=.)/g, "$& "), "code"],
  ] : [];
  const rows = ([name, value, kind]) => [make("dt", name), kind ? wrapped(make(kind, value)) : make("dd", value)];
  $("file-facts").replaceChildren(...facts.flatMap(rows));
  $("said-facts").replaceChildren(...own.flatMap(rows));
  $("said").hidden = own.length === 0;
  $("said-title").textContent = state === "good" ? t("said.proved") : t("said.claimed");
}

function wrapped(inner) {
  const outer = make("dd", null);
  outer.append(inner);
  return outer;
}

// --- what a person does ------------------------------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => { language = button.dataset.language; speak(); });
}
$("choose").addEventListener("click", () => $("file").click());
$("again").addEventListener("click", () => $("file").click());
$("print").addEventListener("click", () => window.print());
$("server").addEventListener("change", serverIsWell);
$("server").addEventListener("input", () => { if ($("server").getAttribute("aria-invalid") === "true") serverIsWell(); });
$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  $("file").value = ""; // the same file can be chosen again, with another key
  check(file);
});
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => { event.preventDefault(); $("drop").classList.add("is-over"); });
}
addEventListener("dragleave", (event) => { if (event.relatedTarget === null) $("drop").classList.remove("is-over"); });
addEventListener("drop", (event) => {
  event.preventDefault(); // or the browser would open the file instead of the page
  $("drop").classList.remove("is-over");
  check(event.dataTransfer.files[0]);
});

speak();
$("app").hidden = false;
