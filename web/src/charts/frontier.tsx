// What would other money buy? What the plan aims at against money, the present plan and the one tried marked.
import type { Money } from "../api_plan";
import { number } from "../words";

export function Frontier({ points, label, say, at, pick }: { points: Money[]; label: string; say: (benefit: number) => string; at: number; pick: (m: Money) => void }) {
  if (points.length < 2) return null;
  const [W, H] = [520, 190];
  const most = Math.max(1, ...points.map((p) => p.allowed));
  const top = Math.max(1, ...points.map((p) => p.benefit));
  const x = (p: Money) => 48 + (p.allowed / most) * (W - 70);
  const y = (p: Money) => H - 28 - (p.benefit / top) * (H - 50);
  return (
    <figure class="frontier">
      <svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={`${label}: ${points.map((p) => `${p.percent}% ${say(p.benefit)}`).join(", ")}`}>
        <line x1="48" x2={W - 20} y1={H - 28} y2={H - 28} stroke="#8fa0a8" />
        <text x="44" y="26" text-anchor="end" font-size="11">{say(top)}</text>
        <text x="44" y={H - 24} text-anchor="end" font-size="11">0</text>
        <text x={W - 20} y={H - 10} text-anchor="end" font-size="11">{`¥${number(most)}`}</text>
        <polyline points={points.map((p) => `${x(p)},${y(p)}`).join(" ")} fill="none" stroke="#0b6374" stroke-width="2" />
        {points.map((p) => (
          <circle key={p.percent} cx={x(p)} cy={y(p)} r={p.percent === 100 || p.percent === at ? 6 : 4} fill={p.percent === at ? "#c2410c" : p.percent === 100 ? "#12303b" : "#0b6374"} style="cursor:pointer" onClick={() => pick(p)}>
            <title>{`${p.percent}% · ¥${number(p.allowed)} · ${say(p.benefit)}`}</title>
          </circle>
        ))}
      </svg>
    </figure>
  );
}
