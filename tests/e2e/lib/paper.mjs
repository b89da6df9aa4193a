// What comes out of the printer, looked at: how many sheets of which size, whether anything is cut or torn, whether buttons are on it,
// and, as pictures, whether there is black on white in every theme. `GREENSHIELD_PICTURES` names a folder that keeps all of them.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fadesEnd } from "./axe.mjs";

/** A4 as a PDF has it, in points. */
const A4 = [594.96, 841.92];
/** CSS pixels of a millimetre. */
const MM = 96 / 25.4;
/** A4 less the margins of `style/components/paper.css`, in CSS pixels. */
const SHEET = { width: Math.floor((210 - 2 * 20) * MM), height: Math.floor((297 - 2 * 18) * MM) };
const THEMES = ["light", "dark", "outdoor"];
/** Nobody can press these on paper. A button that holds a picture is the picture. */
const CONTROLS = "button:not(.option), input, select, textarea, nav, .btn, .option[aria-pressed=false], .segment, .toast, .skip, .actionbar, [role=button], [role=slider], [role=searchbox]";

const folder = process.env.GREENSHIELD_PICTURES;
function keep(where, ending, bytes) {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `paper-${where.replaceAll(/[^\p{L}\p{N}]+/gu, "-")}.${ending}`), bytes);
}

/** The objects of a PDF by their number. Chromium writes them one by one and in plain text; only streams are packed. */
function objectsOf(pdf) {
  const found = pdf.toString("latin1").matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g);
  return new Map([...found].map(([, number, body]) => [number, body]));
}

const word = (body, key) => new RegExp(`/${key} /(\\w+)`).exec(body)?.[1];
const number = (body, key) => new RegExp(`/${key} (\\d+) 0 R`).exec(body)?.[1];

/** The sheets of a tagged PDF: their sizes, how many say nothing, and what lies on more than one of them. */
export function sheetsOf(pdf) {
  const objects = objectsOf(pdf), parts = new Map(), elements = [];
  const sheets = [...objects].filter(([, body]) => word(body, "Type") === "Page").map(([id, body]) => ({
    id, size: /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(body)?.slice(1).map(Number),
  }));
  for (const [id, body] of objects) {
    if (word(body, "Type") !== "StructElem") continue;
    const whole = number(body, "P");
    elements.push({ id, is: word(body, "S"), whole });
    parts.set(whole, [...(parts.get(whole) ?? []), id]);
  }
  const under = (id) => [id, ...(parts.get(id) ?? []).flatMap(under)];
  const on = (id) => new Set(under(id).flatMap((part) => [...objects.get(part).matchAll(/\/Pg (\d+) 0 R/g)].map(([, sheet]) => sheet)));
  const kinds = (id) => new Set(under(id).map((part) => word(objects.get(part), "S")));
  const rows = elements.filter(({ is }) => is === "TR").map((row) => ({ ...row, sheets: on(row.id), isHead: !kinds(row.id).has("TD") }));
  // A head is written once and stands on each sheet of its table; any other row belongs on one.
  const bodies = (head) => rows.filter((row) => row.whole === head.whole && !row.isHead).flatMap((row) => [...row.sheets]);
  return {
    sizes: sheets.map(({ size }) => size),
    empty: sheets.filter(({ id }) => !elements.some((element) => new RegExp(`/Pg ${id} 0 R`).test(objects.get(element.id)))).length,
    torn: rows.filter((row) => !row.isHead && row.sheets.size > 1).length,
    tornItems: elements.filter((element) => element.is === "LI" && on(element.id).size > 1).length,
    headless: rows.filter((row) => row.isHead && bodies(row).some((sheet) => !row.sheets.has(sheet))).length,
    rows: rows.filter((row) => !row.isHead).length,
  };
}

/** In the page, which is laid out as for paper: what should not be there, what does not fit, and what is hardly to be read. */
function look({ width, controls }) {
  const faults = [];
  const name = (element) => `${element.tagName.toLowerCase()}${[...element.classList].map((one) => `.${one}`).join("")} “${(element.innerText ?? "").trim().slice(0, 24)}”`;
  const isOf = (element, selector) => element.closest(selector) !== null;
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })
    && !isOf(element, ".visually-hidden") && element.getBoundingClientRect().width > 1;
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const element of document.body.querySelectorAll("*")) {
    if (element.ownerSVGElement || isOf(element, ".map") || !isShown(element)) continue;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (element.matches(controls) && !element.querySelector("img, canvas")) faults.push(`a control: ${name(element)}`);
    if (box.right > width + 1 || box.left < -1) faults.push(`over the edge by ${Math.round(Math.max(box.right - width, -box.left))} px: ${name(element)}`);
    // A small picture fills its square and is cut on purpose.
    const isHeld = (way) => style[`overflow${way}`] !== "visible" && !element.matches(".thumb");
    if (element !== document.body && isHeld("X") && element.scrollWidth > element.clientWidth + 1) faults.push(`cut at the right: ${name(element)}`);
    if (element !== document.body && isHeld("Y") && element.scrollHeight > element.clientHeight + 1) faults.push(`cut at the bottom: ${name(element)}`);
    const says = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
    // Words on a photo have their own ground.
    if (says && !isOf(element, ".photo") && 1.05 / (light(style.color) + 0.05) < 4.5) faults.push(`too pale on white: ${name(element)} ${style.color}`);
  }
  if (document.documentElement.scrollWidth > width + 1) faults.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  return faults;
}

/** In the page: which part of a picture is dark, which is white. */
async function shares(letters) {
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, image.width, image.height);
  let dark = 0, white = 0;
  for (let at = 0; at < data.length; at += 4) {
    const light = 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];
    if (light < 110) dark += 1; else if (light > 245) white += 1;
  }
  const all = image.width * image.height;
  return { dark: dark / all, white: white / all };
}

/** Two frames, after which what was changed is drawn. */
const drawn = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

/** The page laid out as for paper while `work` runs, and as before afterwards. */
async function laidOut(page, { width, height }, work) {
  const before = page.viewportSize();
  // First the medium: an app that goes by the width takes paper for wide.
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width, height });
  try {
    await drawn(page);
    return await work();
  } finally {
    await page.setViewportSize(before);
    await page.emulateMedia({ media: null });
  }
}

/**
 * Prints the page and looks at it. `least` and `most`: how many sheets there may be. `white`: the least share of white in a picture, `ink`
 * the least share of ink; a page of photos has other ones. `tornItems`: items of lists that may lie on two sheets. `sheet` where the page
 * has margins of its own. Gives what the sheets are.
 */
export async function onPaper(page, where, { least = 1, most = 1, white = 0.6, ink = 0.002, tornItems = Infinity, sheet = SHEET } = {}) {
  const pdf = await page.pdf({ preferCSSPageSize: true, tagged: true });
  keep(where, "pdf", pdf);
  const sheets = sheetsOf(pdf);
  const isA4 = (size) => size?.every((side, i) => Math.abs(side - A4[i]) < 2);
  assert.ok(sheets.sizes.every(isA4), `${where}: A4, not ${JSON.stringify(sheets.sizes)}`);
  assert.ok(sheets.sizes.length >= least && sheets.sizes.length <= most, `${where}: ${sheets.sizes.length} sheets, not ${least} to ${most}`);
  assert.deepEqual([sheets.empty, sheets.torn, sheets.headless], [0, 0, 0], `${where}: empty sheets, torn rows, heads that are not repeated`);
  assert.ok(sheets.tornItems <= tornItems, `${where}: ${sheets.tornItems} items of a list lie on two sheets`);
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  const wear = (name) => page.evaluate((name) => {
    if (name === null) delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = name;
  }, name);
  try {
    for (const name of THEMES) {
      await wear(name);
      await laidOut(page, sheet, async () => {
        await fadesEnd(page);
        const faults = await page.evaluate(look, { width: sheet.width, controls: CONTROLS });
        const picture = await page.screenshot({ fullPage: true });
        keep(`${where} ${name}`, "png", picture);
        assert.deepEqual([...new Set(faults)], [], `${where}, ${name}`);
        const share = await page.evaluate(shares, picture.toString("base64"));
        const told = `${where}, ${name}: ${JSON.stringify(share)}`;
        assert.ok(share.dark >= ink && share.dark <= 0.35, `neither blank nor black: ${told}`);
        assert.ok(share.white >= white, `black on white: ${told}`);
      });
    }
  } finally {
    await wear(theme ?? null);
  }
  return sheets;
}
