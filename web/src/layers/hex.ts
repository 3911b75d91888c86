// Where do demands gather? H3 cells in five classes, under the names of the map.
import type { ExpressionSpecification } from "maplibre-gl";
import { go } from "../state";
import { number, words } from "../words";
import type { MapLayer } from "./kind";

/** YlOrRd, five classes; safe for all kinds of colour sight (smallest neighbour ΔE 13). */
export const RAMP = ["#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026"] as const;

const value = (metric: string): ExpressionSpecification => ["to-number", ["get", metric], 0];

/** The class of a value: how many breaks it reaches. */
export function classOf(n: number, breaks: readonly number[]): number {
  let c = 0;
  while (c < breaks.length && n >= breaks[c]!) c++;
  return c;
}

/**
 * Lower bounds of the classes after the first: quantiles of the values, whole and strictly rising, at most `classes - 1`.
 * Few distinct values give fewer classes; an empty list gives none.
 */
export function breaksOf(values: readonly number[], classes = 5): number[] {
  const sorted = values.filter((v) => v > 0).sort((a, b) => a - b);
  const found: number[] = [];
  for (let i = 1; i < classes && sorted.length; i++) {
    const at = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * i) / classes))]!;
    const bound = Math.ceil(at);
    if (bound > sorted[0]! && (found.length === 0 || bound > found[found.length - 1]!)) found.push(bound);
  }
  return found;
}

/** Colours of `n` classes, spread over the ramp so that two classes never look alike. */
export function colours(n: number): string[] {
  if (n <= 1) return [RAMP[1]];
  return Array.from({ length: n }, (_, i) => RAMP[Math.round((i * (RAMP.length - 1)) / (n - 1))]!);
}

export const hexLayer: MapLayer = {
  id: "hex",
  maxzoom: 15,
  under: true,
  targets: ["hex-fill"],
  styles(look) {
    const ramp = colours(look.breaks.length + 1);
    const steps = look.breaks.flatMap((b, i): (number | string)[] => [b, ramp[i + 1]!]);
    const colour: ExpressionSpecification | string = look.breaks.length
      ? (["step", value(look.metric), ramp[0]!, ...steps] as unknown as ExpressionSpecification)
      : ramp[0]!;
    const shown = look.breaks.length
      ? (["step", value(look.metric), look.hidden.has(0) ? 0 : 1, ...look.breaks.flatMap((b, i) => [b, look.hidden.has(i + 1) ? 0 : 1])] as unknown as ExpressionSpecification)
      : look.hidden.has(0) ? 0 : 1;
    const low: ExpressionSpecification = ["boolean", ["get", "low"], false];
    return [
      {
        id: "hex-fill", type: "fill", source: "hex", "source-layer": "hex",
        paint: { "fill-color": ["case", low, "#d9dcdd", colour], "fill-opacity": ["interpolate", ["linear"], ["zoom"], 11, ["*", 0.78, shown], 16, ["*", 0.5, shown]] as never },
      },
      {
        id: "hex-line", type: "line", source: "hex", "source-layer": "hex",
        paint: { "line-color": "#6b6b6b", "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.4, 14, 0.9], "line-opacity": ["*", 0.7, shown] as never },
      },
    ];
  },
  tip({ properties: p }) {
    const w = words.value;
    if (p.low) return w.map.low;
    return `${w.unit.items(number(Number(p.count)))} · ${w.unit.people(number(Number(p.petitioners)))}`;
  },
  click(feature) {
    const cell = feature.properties.h3;
    if (typeof cell === "string") go({ cell, tab: "tickets", site: null, ticket: null });
  },
};
