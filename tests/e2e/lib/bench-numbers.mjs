// Numbers of a measurement and the table that shows them.

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b), middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Runs `measure` several times and gives the median of what it returns. */
export async function medianOf(times, measure) {
  const seen = [];
  for (let i = 0; i < times; i++) seen.push(await measure(i));
  return median(seen);
}

export const millis = (n) => (n === undefined ? "–" : n >= 1000 ? `${(n / 1000).toFixed(2)} s` : n >= 100 ? `${n.toFixed(0)} ms` : `${n.toFixed(1)} ms`);
export const ratio = (own, other) => (own === undefined || other === undefined ? "–" : `${(own / other).toFixed(2)} ×`);

/** Rows of `{what, budget, own, raw, pouch, unit, met, note}` as a table in Markdown. */
export function table(rows) {
  const head = ["what", "budget", "Greenshield", "raw IndexedDB", "PouchDB", "against raw", "against PouchDB", "met"];
  const lines = rows.map((row) => {
    const show = row.show ?? millis;
    return [row.what, row.budget ?? "–", show(row.own), row.raw === undefined ? "–" : show(row.raw), row.pouch === undefined ? "–" : show(row.pouch),
      ratio(row.own, row.raw), ratio(row.own, row.pouch), row.met === undefined ? "–" : row.met ? "yes" : "**no**"];
  });
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...lines.map(line)].join("\n");
}
