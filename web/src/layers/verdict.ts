// What does a method say of each cell or road? One class, one colour, and a letter where colours alone would not do.
import type { ExpressionSpecification } from "maplibre-gl";
import { go, type LensId } from "../state";
import { decimal, lang, number, words } from "../words";
import { FONT, type MapLayer } from "./kind";

/** PuOr, safe for all kinds of colour sight: orange = more than chance, purple = less. */
const PUOR = { p3: "#b35806", p2: "#f1a340", p1: "#fee0b6", none: "#f7f7f7", n1: "#d8daeb", n2: "#998ec3", n3: "#542788" };

/** Classes of each lens from the most to the least urgent, with colour. `none` is what "not significant" looks like. */
export const CLASSES: Record<LensId, readonly (readonly [string, string])[]> = {
  gi: [["hot3", PUOR.p3], ["hot2", PUOR.p2], ["hot1", PUOR.p1], ["none", PUOR.none], ["cold1", PUOR.n1], ["cold2", PUOR.n2], ["cold3", PUOR.n3]],
  change: [["up3", PUOR.p3], ["up2", PUOR.p2], ["up1", PUOR.p1], ["none", PUOR.none], ["down1", PUOR.n1], ["down2", PUOR.n2], ["down3", PUOR.n3]],
  moran: [["hh", PUOR.p3], ["hl", "#e69f00"], ["lh", "#56b4e9"], ["ll", PUOR.n3], ["none", PUOR.none]],
  emerging: [
    ["new_hot", "#d55e00"], ["consecutive_hot", "#e69f00"], ["intensifying_hot", "#7f2704"], ["persistent_hot", "#b35806"], ["diminishing_hot", "#fdd0a2"], ["sporadic_hot", "#f0e442"],
    ["oscillating_hot", "#cc79a7"], ["historical_hot", "#c7b299"], ["new_cold", "#0072b2"], ["consecutive_cold", "#4292c6"], ["intensifying_cold", "#08306b"], ["persistent_cold", "#2171b5"],
    ["diminishing_cold", "#c6dbef"], ["sporadic_cold", "#9ecae1"], ["oscillating_cold", "#8073ac"], ["historical_cold", "#a9b7c6"], ["none", PUOR.none], ["insufficient", "#e4e7e8"],
  ],
  network: [["density4", "#bd0026"], ["density3", "#f03b20"], ["density2", "#fd8d3c"], ["density1", "#fecc5c"]],
};

/** Not significant: nearly white, thin, with a dotted edge in the legend; never a colour of the scale. */
export const isQuiet = (name: string): boolean => name === "none" || name === "insufficient";

/** One letter per pattern, so that eight colours need not be told apart. */
const LETTERS: Record<string, string> = { new: "新", consecutive: "连", intensifying: "强", persistent: "持", diminishing: "弱", sporadic: "散", oscillating: "振", historical: "史" };
export const letterOf = (name: string): string => {
  const pattern = name.split("_")[0]!;
  const letter = LETTERS[pattern] ?? "";
  // The English names begin with eight different letters.
  return letter && lang.value === "en" ? pattern[0]!.toUpperCase() : letter;
};

const name: ExpressionSpecification = ["to-string", ["get", "class"]];

function match(of: (entry: readonly [string, string]) => string | number, classes: readonly (readonly [string, string])[], otherwise: string | number): ExpressionSpecification {
  return ["match", name, ...classes.flatMap((c) => [c[0], of(c)]), otherwise] as unknown as ExpressionSpecification;
}

export const verdictLayer: MapLayer = {
  id: "verdict",
  maxzoom: 15,
  under: true,
  targets: ["density-line", "verdict-fill"],
  styles(look) {
    const classes = CLASSES[look.lens ?? "gi"];
    const seen = (full: number, quiet: number) => match(([c]) => (look.hiddenVerdicts.has(c) ? 0 : isQuiet(c) ? quiet : full), classes, quiet);
    const letters = look.lens === "emerging" ? match(([c]) => (isQuiet(c) || look.hiddenVerdicts.has(c) ? "" : letterOf(c)), classes, "") : "";
    const lines = CLASSES.network;
    const rank: ExpressionSpecification = ["to-number", ["get", "class"], 0];
    return [
      {
        id: "verdict-fill", type: "fill", source: "verdict", "source-layer": "verdict",
        paint: { "fill-color": match(([, colour]) => colour, classes, PUOR.none), "fill-opacity": seen(0.8, 0.42) },
      },
      {
        id: "verdict-line", type: "line", source: "verdict", "source-layer": "verdict",
        paint: { "line-color": match(([c]) => (isQuiet(c) ? "#a9b2b6" : "#4a3b2a"), classes, "#a9b2b6"), "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.4, 14, 1.1], "line-opacity": seen(0.85, 0.55) },
      },
      {
        id: "verdict-letter", type: "symbol", source: "verdict", "source-layer": "verdict_mark", minzoom: 12,
        layout: { "text-field": letters as never, "text-font": FONT, "text-size": ["interpolate", ["linear"], ["zoom"], 12, 10, 15, 15], "text-allow-overlap": true },
        paint: { "text-color": "#17252d", "text-halo-color": "#ffffff", "text-halo-width": 1.4 },
      },
      {
        id: "density-line", type: "line", source: "verdict", "source-layer": "density",
        layout: { "line-cap": "round", "line-sort-key": rank },
        paint: {
          "line-color": ["match", rank, 4, lines[0]![1], 3, lines[1]![1], 2, lines[2]![1], lines[3]![1]] as never,
          "line-width": ["interpolate", ["linear"], ["zoom"], 10, ["*", 0.8, rank], 15, ["+", 2, ["*", 1.6, rank]]] as never,
          "line-opacity": ["match", rank, ...[4, 3, 2].flatMap((c) => [c, look.hiddenVerdicts.has(`density${c}`) ? 0 : 0.9]), look.hiddenVerdicts.has("density1") ? 0 : 0.8] as never,
        },
      },
    ];
  },
  tip({ properties: p, sourceLayer }) {
    const w = words.value.hot;
    if (sourceLayer === "density") return `${decimal(Number(p.density))} ${w.perKm}`;
    const parts = [w.classes[String(p.class)] ?? String(p.class)];
    if (p.before !== undefined) parts.push(`${number(Number(p.before))} → ${number(Number(p.count))}`);
    else parts.push(words.value.unit.items(number(Number(p.count))));
    if (p.kind) parts.push(p.kind === "area" ? w.area : w.point);
    if (p.q !== undefined) parts.push(`q ${Number(p.q) < 0.001 ? "<0.001" : Number(p.q).toFixed(3)}`);
    if (p.steps !== undefined) parts.push(w.hotSteps(Number(p.steps)));
    return parts.join(" · ");
  },
  click(feature) {
    const cell = feature.properties.h3;
    if (typeof cell === "string") go({ cell, tab: "tickets", site: null, ticket: null });
  },
};
