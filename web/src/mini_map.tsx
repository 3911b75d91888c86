// Where are the posts, drawn so that it prints sharply and works without a connection: roads as lines, posts as numbers?
import type { LonLat } from "./api";
import type { Road } from "./api_duty";

export interface Spot { point: LonLat; label: string; title: string; state?: "open" | "covered" | "me" }

const WIDE: Record<string, number> = { motorway: 4, trunk: 4, primary: 3.4, secondary: 2.8, tertiary: 2.2 };

/** The box around spots with a margin, in degrees. */
export function boxOf(spots: Spot[], margin = 0.003): [number, number, number, number] | null {
  if (!spots.length) return null;
  const x = spots.map((s) => s.point[0]);
  const y = spots.map((s) => s.point[1]);
  return [Math.min(...x) - margin, Math.min(...y) - margin, Math.max(...x) + margin, Math.max(...y) + margin];
}

export function MiniMap({ spots, roads, label, here, path, ways = [] }: { spots: Spot[]; roads: Road[]; label: string; here?: LonLat | null; path?: boolean; ways?: LonLat[][] }) {
  const box = boxOf(here ? [...spots, { point: here, label: "", title: "" }] : spots);
  if (!box) return null;
  let [w, s, e, n] = box;
  const k = Math.cos(((s + n) / 2) * (Math.PI / 180));
  // A landscape frame: whichever side is short is widened, so that nothing is letter-boxed.
  const [wide, high] = [(e - w) * k, n - s];
  if (high < wide * 0.5) [s, n] = [(s + n) / 2 - wide * 0.25, (s + n) / 2 + wide * 0.25];
  if (high > wide * 0.62) [w, e] = [(w + e) / 2 - high / 1.24 / k, (w + e) / 2 + high / 1.24 / k];
  const span = Math.max((e - w) * k, n - s);
  const W = 640;
  const ratio = (n - s) / ((e - w) * k);
  const H = W * ratio;
  const scale = Math.min(W / ((e - w) * k), H / (n - s));
  const x = (p: LonLat) => W / 2 + (p[0] - (w + e) / 2) * k * scale;
  const y = (p: LonLat) => H / 2 - (p[1] - (s + n) / 2) * scale;
  const bar = niceBar(span * 111_320);
  const named = new Set<string>();
  return (
    <svg class="mini-map" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={label}>
      <rect width={W} height={H} fill="#f6f8f8" />
      {roads.map((r, i) => <polyline key={i} points={r.points.map((p) => `${x(p).toFixed(1)},${y(p).toFixed(1)}`).join(" ")} fill="none" stroke={WIDE[r.class] ? "#93a5ad" : "#c3ced3"} stroke-width={(WIDE[r.class] ?? 1.4) * 2} stroke-linecap="round" />)}
      {roads.map((r, i) => {
        const mid = r.points[Math.floor(r.points.length / 2)];
        if (!r.name || !mid || named.has(r.name)) return null;
        const [px, py] = [x(mid), y(mid)];
        if (px < 50 || px > W - 50 || py < 30 || py > H - 20) return null;
        named.add(r.name);
        return <text key={`t${i}`} x={px} y={py} font-size="20" fill="#5d6e78" text-anchor="middle" stroke="#f6f8f8" stroke-width="5" paint-order="stroke">{r.name}</text>;
      })}
      {ways.map((way, i) => <polyline key={`w${i}`} points={way.map((p) => `${x(p).toFixed(1)},${y(p).toFixed(1)}`).join(" ")} fill="none" stroke={["#0b6374", "#a3271d", "#7a5c00", "#5b2a86"][i % 4]} stroke-width="6" stroke-linejoin="round" opacity="0.75" />)}
      {path && spots.length > 1 && <polyline points={spots.map((p) => `${x(p.point)},${y(p.point)}`).join(" ")} fill="none" stroke="#0b6374" stroke-width="4" stroke-dasharray="12 8" />}
      {spots.map((p, i) => (
        <g key={`s${i}`} transform={`translate(${x(p.point)},${y(p.point)})`}>
          <circle r="21" fill={p.state === "open" ? "#a3271d" : p.state === "me" ? "#0b6374" : "#12303b"} stroke="#fff" stroke-width="4" />
          <text y="7" font-size={p.label.length > 2 ? 16 : 20} font-weight="700" fill="#fff" text-anchor="middle">{p.label}</text>
          <title>{p.title}</title>
        </g>
      ))}
      {here && <circle cx={x(here)} cy={y(here)} r="14" fill="#0072b2" stroke="#fff" stroke-width="5" />}
      <g transform={`translate(24,${H - 24})`}>
        <line x1="0" x2={(bar / 111_320) * scale} stroke="#17252d" stroke-width="4" />
        <text y="-8" font-size="20" fill="#17252d">{bar} m</text>
      </g>
    </svg>
  );
}

function niceBar(width: number): number {
  const wish = width / 5;
  const ten = 10 ** Math.floor(Math.log10(Math.max(wish, 1)));
  return [5, 2, 1].map((n) => n * ten).find((n) => n <= wish) ?? ten;
}
