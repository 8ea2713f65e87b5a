// Draws prices over their numbers on a canvas. It takes each colour from the page's list of stocks, and so follows the page from light to dark.
const span = 240;
const edge = { left: 34, right: 40, top: 12, bottom: 22 };
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

export class PriceChart {
  #canvas;
  #points = new Map();
  #marks = [];
  #end = 0;
  #range = null;
  #isDue = false;

  /** A chart; one that follows another ends where that one does. */
  constructor(canvas, upTo) {
    this.#canvas = canvas;
    this.upTo = upTo;
    this.last = 0;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
    upTo?.followers.push(this);
    this.followers = [];
  }

  add(number, symbol, value) {
    if (!this.#points.has(symbol)) this.#points.set(symbol, []);
    const points = this.#points.get(symbol);
    points.push({ number, value });
    while (points[1]?.number < number - span - 20) points.shift();
    this.last = number;
    this.#marks = this.#marks.filter(mark => mark.to > number - span);
    this.#schedule();
    this.followers.forEach(chart => chart.#schedule());
  }

  /** Marks the numbers that are missing ("gap"), or came late ("late"). The mark may grow. */
  mark(mark) {
    this.#marks.push(mark);
    return mark;
  }

  clear() {
    this.#points.clear();
    this.#marks = [];
    this.last = this.#end = 0;
    this.#schedule();
  }

  #schedule() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      if (this.#move()) this.#schedule();
      this.#draw();
    });
  }

  /** Moves towards what is to be shown; true while it is not there. */
  #move() {
    const end = (this.upTo ?? this).last;
    const values = [...this.#points.values()].flat().filter(point => point.number > end - span).map(point => point.value);
    const range = values.length ? { low: Math.min(...values) - 0.5, high: Math.max(...values) + 0.5 } : this.#range;
    const isFar = isCalm.matches || !this.#range || !this.#end || Math.abs(end - this.#end) > span / 2;
    const ease = (from, to) => isFar ? to : from + (to - from) * 0.12;
    this.#end = Math.max(ease(this.#end, end), end - 2);
    if (range) this.#range = { low: ease(this.#range?.low, range.low), high: ease(this.#range?.high, range.high) };
    return Math.abs(end - this.#end) > 0.05;
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!width) return;
    const scale = devicePixelRatio;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const context = this.#canvas.getContext("2d");
    context.scale(scale, scale);
    context.font = `11px ${getComputedStyle(document.querySelector(".stocks dt")).fontFamily}`;
    context.textBaseline = "middle";
    if (!this.#range) return;

    const { low, high } = this.#range;
    const x = number => width - edge.right - (this.#end - number) / span * (width - edge.left - edge.right);
    const y = value => edge.top + (high - value) / (high - low) * (height - edge.top - edge.bottom);
    this.#drawScale(context, { x, y, width, height });
    context.save();
    context.beginPath();
    context.rect(edge.left, 0, width - edge.left - edge.right + 5, height);
    context.clip();
    this.#marks.forEach(mark => this.#drawMark(context, mark, { x, height }));
    this.#points.forEach((points, symbol) => this.#drawLine(context, points, colorOf(symbol), { x, y }));
    context.restore();
    this.#drawNames(context, { x, y });
  }

  #drawScale(context, { x, y, width, height }) {
    const { low, high } = this.#range;
    const step = [0.5, 1, 2, 5, 10, 20].find(size => (high - low) / size <= 6) ?? 50;
    const quiet = getComputedStyle(this.#canvas.closest(".card").querySelector(".note")).color;
    context.fillStyle = context.strokeStyle = quiet;
    context.lineWidth = 1;
    context.textAlign = "right";
    for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
      context.globalAlpha = 0.25;
      context.beginPath();
      context.moveTo(edge.left, Math.round(y(value)) + 0.5);
      context.lineTo(width - edge.right, Math.round(y(value)) + 0.5);
      context.stroke();
      context.globalAlpha = 1;
      context.fillText(step < 1 ? value.toFixed(1) : value, edge.left - 6, y(value));
    }

    context.textAlign = "center";
    for (let number = Math.ceil((this.#end - span) / 80) * 80; number <= this.#end; number += 80) {
      if (number > 0 && x(number) > edge.left + 14) context.fillText(`№ ${number}`, x(number), height - 8);
    }
  }

  #drawMark(context, { kind, from, to, label }, { x, height }) {
    const isGap = kind === "gap";
    const color = getComputedStyle(document.querySelector(".told" + (isGap ? "[data-is=gap]" : ":not([data-is])"))).borderLeftColor;
    const left = x(from - 0.5), right = x(to + 0.5), bottom = height - edge.bottom;
    context.save();
    context.fillStyle = context.strokeStyle = color;
    context.globalAlpha = 0.12;
    context.fillRect(left, 0, right - left, bottom);
    if (isGap) {
      context.beginPath();
      context.rect(left, 0, right - left, bottom);
      context.clip();
      context.globalAlpha = 0.45;
      context.beginPath();
      for (let at = left - bottom; at < right; at += 8) {
        context.moveTo(at, bottom);
        context.lineTo(at + bottom, 0);
      }
      context.stroke();
    }
    context.restore();
    context.fillStyle = color;
    context.textAlign = "center";
    const text = label ?? "came late";
    if (context.measureText(text).width < right - left + 30) context.fillText(text, (left + right) / 2, bottom - 8);
  }

  #drawLine(context, points, color, { x, y }) {
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.beginPath();
    points.forEach(({ number, value }, i) => {
      const isApart = i === 0 || this.#marks.some(({ kind, from, to }) => kind === "gap" && from > points[i - 1].number && to < number);
      if (isApart) context.moveTo(x(number), y(value));
      else context.lineTo(x(number), y(value));
    });
    context.stroke();
  }

  /** The names at the ends of the lines, pushed apart where they would cover each other. */
  #drawNames(context, { x, y }) {
    const names = [...this.#points].map(([symbol, points]) => ({ symbol, ...points.at(-1) })).sort((a, b) => b.value - a.value);
    context.textAlign = "left";
    let above = -Infinity;
    for (const { symbol, number, value } of names) {
      const at = Math.max(y(value), above + 12);
      above = at;
      context.fillStyle = colorOf(symbol);
      context.beginPath();
      context.arc(x(number), y(value), 3, 0, 2 * Math.PI);
      context.fill();
      context.fillText(symbol, Math.max(x(number), x(this.last)) + 8, at);
    }
  }
}

const colorOf = symbol => getComputedStyle(document.querySelector(`[data-symbol="${symbol}"]`)).borderTopColor;
