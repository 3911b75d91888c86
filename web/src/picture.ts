// How does what is shown on a map leave as a picture that explains itself: title, period, legend, source, and whether it is simulated?
import { meta, session } from "./store";
import { view } from "./state";
import { lang, minute, words } from "./words";
import { hotWords } from "./words/hot";

/** A swatch of the legend as it is on the screen. */
interface Swatch { colour: string; edge: string; dashed: boolean; text: string }

/** The classes of the legend that is open, in their order. */
function swatches(): Swatch[] {
  const entries = document.querySelectorAll<HTMLElement>(".legend .verdicts button, .legend .classes button, .compare-key li");
  return [...entries].flatMap((entry) => {
    const box = entry.querySelector("rect");
    if (!box || entry.getAttribute("aria-pressed") === "false") return [];
    const text = [...entry.querySelectorAll("span")].map((s) => s.textContent ?? "").join(" ").trim() || (entry.textContent ?? "").trim();
    return [{ colour: box.getAttribute("fill") ?? "#fff", edge: box.getAttribute("stroke") ?? "#666", dashed: box.hasAttribute("stroke-dasharray"), text }];
  });
}

const FONT = '"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif';

async function loaded(source: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = source;
  await image.decode();
  return image;
}

/** A PNG of one or two maps with everything a reader without the program needs. */
export async function explained(title: string, lines: string[], maps: { source: string; label?: string }[]): Promise<Blob> {
  const images = await Promise.all(maps.map((m) => loaded(m.source)));
  const k = Math.max(1, window.devicePixelRatio);
  const gap = 8 * k;
  const width = images.reduce((n, i) => n + i.width, 0) + gap * (images.length - 1);
  const tall = Math.max(...images.map((i) => i.height));
  const keys = swatches();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d")!;
  const small = 13 * k;
  pen.font = `${small}px ${FONT}`;
  // The legend wraps like words.
  const rows: Swatch[][] = [[]];
  let x = 0;
  for (const s of keys) {
    const w = pen.measureText(s.text).width + 46 * k;
    if (x + w > width - 24 * k && rows.at(-1)!.length) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push(s);
    x += w;
  }
  const head = (34 + lines.length * 20) * k;
  const foot = ((keys.length ? rows.length * 24 : 0) + 30) * k;
  canvas.width = width;
  canvas.height = head + tall + foot;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#17252d";
  pen.textBaseline = "middle";
  pen.font = `650 ${17 * k}px ${FONT}`;
  pen.fillText(title, 12 * k, 18 * k, width - 24 * k);
  pen.font = `${small}px ${FONT}`;
  lines.forEach((line, i) => pen.fillText(line, 12 * k, (42 + i * 20) * k, width - 24 * k));
  let left = 0;
  images.forEach((image, i) => {
    pen.drawImage(image, left, head);
    const label = maps[i]!.label;
    if (label) {
      pen.fillStyle = "rgb(255 255 255 / 90%)";
      pen.fillRect(left + 10 * k, head + 10 * k, pen.measureText(label).width + 20 * k, 26 * k);
      pen.fillStyle = "#17252d";
      pen.fillText(label, left + 20 * k, head + 23 * k);
    }
    left += image.width + gap;
  });
  let y = head + tall + 18 * k;
  if (keys.length) for (const row of rows) {
    let at = 12 * k;
    for (const s of row) {
      pen.fillStyle = s.colour;
      pen.strokeStyle = s.edge;
      pen.lineWidth = k;
      pen.setLineDash(s.dashed ? [3 * k, 3 * k] : []);
      pen.fillRect(at, y - 7 * k, 24 * k, 14 * k);
      pen.strokeRect(at, y - 7 * k, 24 * k, 14 * k);
      pen.fillStyle = "#17252d";
      pen.fillText(s.text, at + 30 * k, y);
      at += pen.measureText(s.text).width + 46 * k;
    }
    y += 24 * k;
  }
  const city = meta.peek()?.city;
  const source = [...(city?.attribution ?? []), city?.approval_no ? `${words.peek().app.approval} ${city.approval_no}` : "", `v${meta.peek()?.data_version ?? ""}`, session.peek()?.user.title ?? "", hotWords.peek().made(minute(new Date().toISOString()))];
  pen.fillStyle = "#4d5c64";
  pen.font = `${11 * k}px ${FONT}`;
  pen.fillText(source.filter(Boolean).join(" · "), 12 * k, canvas.height - 12 * k, width - 24 * k);
  return new Promise((done, fail) => canvas.toBlob((b) => (b ? done(b) : fail(new Error("no picture"))), "image/png"));
}

/** City, and that its data are simulated where they are. */
export function cityLine(rest: string): string {
  const city = meta.peek()?.city;
  const name = city ? (lang.peek() === "zh" ? city.name : city.name_en || city.name) : "";
  return `${[name, rest].filter(Boolean).join(" · ")}${city?.simulated ? `【${hotWords.peek().simulated}】` : ""}`;
}

/** The filter in words: the window, and every chosen value. */
export function filterLine(): string {
  const { filter } = view.peek();
  const w = words.peek();
  const span = filter.from || filter.to ? `${filter.from ?? "…"} – ${filter.to ?? "…"}` : w.time.all;
  return [span, ...Object.values(filter.sets).map((v) => v.join("、")), filter.q].filter(Boolean).join(" · ");
}

export function save(blob: Blob, name: string): void {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(blob);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
}
