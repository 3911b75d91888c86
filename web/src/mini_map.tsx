// Where are the posts, drawn so that it prints sharply and works without a connection: roads as lines, posts as numbers?
import type { LonLat } from "./api";
import type { Road } from "./api_duty";

export interface Spot { point: LonLat; label: string; title: string; state?: "open" | "support" | "covered" | "me" }
type Box = [number, number, number, number];

const WIDE: Record<string, number> = { motorway: 4, trunk: 4, primary: 3.4, secondary: 2.8, tertiary: 2.2 };
const WAYS = ["#0b6374", "#a3271d", "#7a5c00", "#5b2a86"];
/** Width over height of a frame, unless a sheet says otherwise. */
const ASPECT = 1.6;
/** Width of a drawing in its own units: upright ones stand in narrow columns, so their letters are larger. */
const widthOf = (aspect: number, narrow: boolean) => (narrow || aspect < 1 ? 360 : 640);

/** The frame around spots in degrees: a margin, then widened to the shape of the drawing, so that roads fill it. */
export function boxOf(spots: Spot[], aspect = ASPECT): Box | null {
  if (!spots.length) return null;
  const xs = spots.map((s) => s.point[0]);
  const ys = spots.map((s) => s.point[1]);
  const [x, y] = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  const k = Math.cos((y * Math.PI) / 180);
  const wide = (Math.max(...xs) - Math.min(...xs)) * k;
  const high = Math.max(...ys) - Math.min(...ys);
  const margin = Math.max(0.0022, Math.max(wide / aspect, high) * 0.08);
  const h = Math.max(high + 2 * margin, (wide + 2 * margin) / aspect);
  const w = (h * aspect) / k;
  return [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
}

interface Mark { x: number; y: number; at: [number, number]; spot: Spot }

/** Pushes marks apart that would hide each other; each keeps a line to where it belongs. */
function apart(spots: Spot[], place: (p: LonLat) => [number, number], r: number, [W, H]: [number, number]): Mark[] {
  const marks = spots.map((spot, i): Mark => {
    const at = place(spot.point);
    return { x: at[0] + (i % 3) * 0.01, y: at[1] + (i % 2) * 0.01, at, spot };
  });
  const least = 2 * r + 3;
  for (let round = 0; round < 80; round++) {
    let moved = false;
    for (let i = 0; i < marks.length; i++) for (let j = i + 1; j < marks.length; j++) {
      const [a, b] = [marks[i]!, marks[j]!];
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      const far = Math.hypot(dx, dy) || 0.01;
      if (far >= least) continue;
      const push = (least - far) / 2 / far;
      a.x -= dx * push; a.y -= dy * push; b.x += dx * push; b.y += dy * push;
      moved = true;
    }
    for (const m of marks) {
      m.x = Math.min(W - r - 4, Math.max(r + 4, m.x));
      m.y = Math.min(H - r - 4, Math.max(r + 4, m.y));
    }
    if (!moved) break;
  }
  return marks;
}

/** Names of roads that hide neither each other nor a mark: wide roads first, at most `most`. */
function names(roads: Road[], place: (p: LonLat) => [number, number], marks: Mark[], r: number, [W, H]: [number, number], most = 16) {
  const taken: [number, number, number, number][] = marks.map((m) => [m.x - r, m.y - r, m.x + r, m.y + r]);
  const seen = new Set<string>();
  const out: { name: string; x: number; y: number }[] = [];
  const order = roads.filter((x) => x.name).sort((a, b) => (WIDE[b.class] ?? 0) - (WIDE[a.class] ?? 0));
  for (const road of order) {
    if (out.length >= most) break;
    if (seen.has(road.name)) continue;
    const half = (road.name.length * 15) / 2 + 3;
    for (const p of [road.points[road.points.length >> 1], road.points[road.points.length >> 2], road.points[(road.points.length * 3) >> 2]]) {
      if (!p) continue;
      const [x, y] = place(p);
      const box: [number, number, number, number] = [x - half, y - 14, x + half, y + 6];
      if (box[0] < 4 || box[2] > W - 4 || box[1] < 4 || box[3] > H - 44) continue;
      if (taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1])) continue;
      taken.push(box);
      seen.add(road.name);
      out.push({ name: road.name, x, y });
      break;
    }
  }
  return out;
}

export function MiniMap({ spots, roads, label, here, path, ways = [], aspect = ASPECT, narrow = false }: { spots: Spot[]; roads: Road[]; label: string; here?: LonLat | null; path?: boolean; ways?: LonLat[][]; aspect?: number; narrow?: boolean }) {
  const box = boxOf(here ? [...spots, { point: here, label: "", title: "" }] : spots, aspect);
  if (!box) return null;
  const [w, s, e, n] = box;
  const W = widthOf(aspect, narrow);
  const H = Math.round(W / aspect);
  const scale = H / (n - s);
  const place = (p: LonLat): [number, number] => [((p[0] - w) / (e - w)) * W, (n - p[1]) * scale];
  const line = (points: LonLat[]) => points.map((p) => place(p).map((v) => v.toFixed(1)).join(",")).join(" ");
  const r = spots.length > 12 || (aspect < 1 && spots.length > 4) ? 12 : narrow ? 16 : 19;
  const marks = apart(spots, place, r, [W, H]);
  const bar = niceBar(((n - s) * aspect) * 111_320);
  return (
    <svg class="mini-map" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={label}>
      <rect width={W} height={H} fill="#f6f8f8" />
      {roads.map((x, i) => <polyline key={i} points={line(x.points)} fill="none" stroke={WIDE[x.class] ? "#93a5ad" : "#c9d3d7"} stroke-width={WIDE[x.class] ?? 1.4} stroke-linecap="round" stroke-linejoin="round" />)}
      {ways.map((way, i) => <polyline key={`w${i}`} points={line(way)} fill="none" stroke={WAYS[i % 4]} stroke-width="5" stroke-linejoin="round" opacity="0.7" />)}
      {names(roads, place, marks, r, [W, H]).map((t) => <text key={t.name} x={t.x} y={t.y} font-size="15" fill="#50626c" text-anchor="middle" stroke="#f6f8f8" stroke-width="4" paint-order="stroke">{t.name}</text>)}
      {path && spots.length > 1 && <polyline points={line(spots.map((p) => p.point))} fill="none" stroke="#0b6374" stroke-width="4" stroke-dasharray="12 8" />}
      {marks.map((m, i) => Math.hypot(m.x - m.at[0], m.y - m.at[1]) > 2 && <g key={`l${i}`}><line x1={m.at[0]} y1={m.at[1]} x2={m.x} y2={m.y} stroke="#12303b" stroke-width="1.5" /><circle cx={m.at[0]} cy={m.at[1]} r="3" fill="#12303b" /></g>)}
      {marks.map((m, i) => (
        <g key={`s${i}`} transform={`translate(${m.x.toFixed(1)},${m.y.toFixed(1)})`}>
          {m.spot.state === "open"
            ? <rect x={-r} y={-r} width={2 * r} height={2 * r} rx="4" fill="#a3271d" stroke="#fff" stroke-width="3" />
            : m.spot.state === "support"
              ? <><circle r={r} fill="#fff" /><circle r={r - 1.5} fill="#fff" stroke="#12303b" stroke-width="3" /></>
              : <circle r={r} fill={m.spot.state === "me" ? "#0b6374" : "#12303b"} stroke="#fff" stroke-width="3" />}
          <text y={r * 0.36} font-size={m.spot.label.length > 2 ? r * 0.85 : r * 1.05} font-weight="700" fill={m.spot.state === "support" ? "#12303b" : "#fff"} text-anchor="middle">{m.spot.label}</text>
          <title>{m.spot.title}</title>
        </g>
      ))}
      {here && <circle cx={place(here)[0]} cy={place(here)[1]} r="14" fill="#0072b2" stroke="#fff" stroke-width="5" />}
      <g transform={`translate(16,${H - 14})`}>
        <line x1="0" x2={(bar / 111_320) * scale} stroke="#17252d" stroke-width="4" />
        <text y="-8" font-size="16" fill="#17252d" stroke="#f6f8f8" stroke-width="3" paint-order="stroke">{bar} m</text>
      </g>
    </svg>
  );
}

function niceBar(width: number): number {
  const wish = width / 5;
  const ten = 10 ** Math.floor(Math.log10(Math.max(wish, 1)));
  return [5, 2, 1].map((n) => n * ten).find((n) => n <= wish) ?? ten;
}
