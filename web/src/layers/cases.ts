// Where are cases, and what did each come to? A mark in the colour of its verdict; a click opens the case.
import { caseWords } from "../words/cases";
import { VERDICT_COLOURS } from "../cases/marks";
import { lang } from "../words";
import { go } from "../state";
import { FONT, type MapLayer } from "./kind";

const verdict = ["get", "verdict"] as never;
const colour = ["match", verdict, ...Object.entries(VERDICT_COLOURS).flat(), "#a7b2b8"] as never;
const sign = ["match", verdict, "works", "▼", "worse", "▲", "no_change", "■", "no_evidence", "◆", "too_early", "○", "–"] as never;

export const caseLayer: MapLayer = {
  id: "cases",
  maxzoom: 14,
  under: false,
  geojson: true,
  targets: ["cases-dot"],
  styles() {
    return [
      {
        id: "cases-dot", type: "circle", source: "cases",
        paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 5, 14, 10], "circle-color": colour, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2, "circle-translate": [9, -9] },
      },
      {
        id: "cases-sign", type: "symbol", source: "cases", minzoom: 11.5,
        layout: { "text-field": sign, "text-font": FONT, "text-size": 11, "text-allow-overlap": true, "text-ignore-placement": true, "text-offset": [0.82, -0.82] },
        paint: { "text-color": "#ffffff", "text-halo-color": "#17252d", "text-halo-width": 0.6 },
      },
    ];
  },
  tip({ properties: p }) {
    const w = caseWords.value;
    const said = String((lang.value === "zh" ? p.says : p.says_en) ?? "");
    return [String(p.title ?? ""), String(p.measures ?? ""), said || w.unjudged].filter(Boolean).join(" · ");
  },
  click(feature) {
    go({ page: "cases", item: String(feature.properties.id), site: null, ticket: null });
  },
};
