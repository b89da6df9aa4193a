// The marks of records: a shape for each urgency and kind, so that nobody needs to tell colours apart.

const SIZE = 30;
const SHAPES = {
  alarm: { token: "alarm", ink: "alarm-ink", sign: "!", path: (c) => polygon(c, [[15, 2], [28.5, 26.5], [1.5, 26.5]]), low: 3 },
  warn: { token: "warn", ink: "surface", sign: "", path: (c) => polygon(c, [[15, 2], [28, 15], [15, 28], [2, 15]]), low: 0 },
  plain: { token: "pine", ink: "pine-ink", sign: "", path: (c) => c.arc(15, 15, 10, 0, 7), low: 0 },
  done: { token: "ink-2", ink: "surface", sign: "✓", path: (c) => c.arc(15, 15, 10, 0, 7), low: 0 },
  patrol: { token: "saved", ink: "surface", sign: "", path: (c) => c.rect(5, 5, 20, 20), low: 0 },
  checkin: { token: "saved", ink: "surface", sign: "✓", path: (c) => polygon(c, [[15, 2], [27, 9], [27, 21], [15, 28], [3, 21], [3, 9]]), low: 0 },
  sos: { token: "alarm", ink: "alarm-ink", sign: "SOS", path: (c) => c.arc(15, 15, 14, 0, 7), low: 0 },
};

function polygon(context, points) {
  points.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

/** The picture of a mark, `ratio` pixels to each of its own. */
export function drawMark(id, token, ratio) {
  const shape = SHAPES[id] ?? SHAPES.plain;
  const canvas = Object.assign(document.createElement("canvas"), { width: SIZE * ratio, height: SIZE * ratio });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.beginPath();
  shape.path(context);
  Object.assign(context, { fillStyle: token(shape.token), strokeStyle: token("map-halo"), lineWidth: 2.5, lineJoin: "round" });
  context.fill();
  context.stroke();
  const font = shape.sign.length > 1 ? 10 : 15;
  Object.assign(context, { fillStyle: token(shape.ink), font: `bold ${font}px sans-serif`, textAlign: "center", textBaseline: "middle" });
  context.fillText(shape.sign, 15, 15.5 + shape.low);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
