// Where do demands gather? H3 cells in five classes, under the names of the map.
import type { ExpressionSpecification } from "maplibre-gl";
import { go } from "../state";
import { number, words } from "../words";
import type { Look, MapLayer } from "./kind";

/** YlOrRd, five classes; safe for all kinds of colour sight (smallest neighbour ΔE 13). */
export const RAMP = ["#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026"] as const;

const value = (metric: string): ExpressionSpecification => ["to-number", ["get", metric], 0];

/** The class of a value: how many breaks it reaches. */
export function classOf(n: number, breaks: readonly number[]): number {
  let c = 0;
  while (c < breaks.length && n >= breaks[c]!) c++;
  return c;
}

/** The step on the ramp of class `i` of `n`, spread so that two classes never look alike; the server gives each cell the same one. */
const stepOf = (i: number, n: number): number => (n <= 1 ? 1 : Math.round((i * (RAMP.length - 1)) / (n - 1)));

/** Colours of `n` classes. */
export const colours = (n: number): string[] => Array.from({ length: Math.max(n, 1) }, (_, i) => RAMP[stepOf(i, n)]!);

/** Colour and presence (1 or 0) of a cell: by the step that its tile says, or by bounds given here. */
function dress(look: Look): [ExpressionSpecification | string, ExpressionSpecification | number] {
  const { breaks, hidden, classes, metric } = look;
  if (breaks === null) {
    const step: ExpressionSpecification = ["to-number", ["get", `${metric}_step`], 0];
    const colour = ["match", step, ...RAMP.slice(1).flatMap((c, i) => [i + 1, c]), RAMP[0]] as unknown as ExpressionSpecification;
    const gone = [...hidden].filter((i) => i < classes).map((i) => stepOf(i, classes));
    return [colour, gone.length ? (["match", step, gone, 0, 1] as unknown as ExpressionSpecification) : 1];
  }
  const ramp = colours(breaks.length + 1);
  if (!breaks.length) return [ramp[0]!, hidden.has(0) ? 0 : 1];
  const by = (of: (i: number) => string | number) => ["step", value(metric), of(0), ...breaks.flatMap((b, i) => [b, of(i + 1)])] as unknown as ExpressionSpecification;
  return [by((i) => ramp[i]!), by((i) => (hidden.has(i) ? 0 : 1))];
}

export const hexLayer: MapLayer = {
  id: "hex",
  maxzoom: 15,
  under: true,
  targets: ["hex-fill"],
  styles(look) {
    const [colour, shown] = dress(look);
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
