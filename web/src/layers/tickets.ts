// Where is each ticket? Clusters when far, single marks when near: full = open, hollow = closed.
import { zoomTo } from "../focus";
import { go } from "../state";
import { number, words } from "../words";
import { FONT, type MapLayer } from "./kind";

const BLUE = "#0072b2";

/** With the cells shown, tickets come in from this zoom on; both at once would say the same thing twice. */
export const NEAR = 13.8;

export const ticketLayer: MapLayer = {
  id: "tickets",
  maxzoom: 15,
  under: false,
  targets: ["tickets-dot", "tickets-cluster"],
  styles(look) {
    const closed = ["any", ["boolean", ["get", "closed"], false], ["in", ["to-string", ["get", "state"]], ["literal", ["closed", "archived", "rejected", "merged", "withdrawn"]]]] as never;
    const chosen = ["==", ["to-string", ["get", "no"]], look.ticket ?? ""] as never;
    const near = look.cells ? NEAR : 0;
    return [
      {
        id: "tickets-cluster", type: "circle", source: "tickets", "source-layer": "clusters", minzoom: near,
        paint: {
          "circle-radius": ["interpolate", ["linear"], ["to-number", ["get", "sqrt_point_count"], 1], 1, 7, 5, 11, 20, 18, 60, 26, 300, 34],
          "circle-color": "#ffffff", "circle-opacity": 0.86, "circle-stroke-color": BLUE, "circle-stroke-width": 1.6, "circle-stroke-opacity": 0.9,
        },
      },
      {
        id: "tickets-number", type: "symbol", source: "tickets", "source-layer": "clusters", minzoom: near,
        layout: { "text-field": ["to-string", ["get", "point_count_abbreviated"]], "text-font": FONT, "text-size": 11, "text-allow-overlap": true, "text-ignore-placement": true },
        paint: { "text-color": "#004a75" },
      },
      {
        id: "tickets-dot", type: "circle", source: "tickets", "source-layer": "tickets", minzoom: near,
        paint: {
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, ["case", chosen, 7, closed, 3, 3.6], 17, ["case", chosen, 9, closed, 5, 6]],
          "circle-color": ["case", closed, "#ffffff", BLUE], "circle-opacity": 0.92,
          "circle-stroke-color": ["case", chosen, "#17252d", closed, BLUE, "#ffffff"], "circle-stroke-width": ["case", chosen, 3, 1.4],
        },
      },
    ];
  },
  tip({ properties: p }) {
    const n = Number(p.point_count);
    return n > 0 ? words.value.unit.items(number(n)) : words.value.map.one;
  },
  click(feature, at) {
    const p = feature.properties;
    if (feature.sourceLayer === "tickets" || p.no !== undefined) {
      const no = p.no ?? p.id ?? feature.id;
      if (no !== undefined) go({ ticket: String(no) });
      return;
    }
    const box = typeof p.bbox === "string" ? p.bbox.split(",").map(Number) : null;
    zoomTo(at.lngLat, Math.min(at.zoom + 2, 16), box && box.length === 4 && box.every(Number.isFinite) ? (box as [number, number, number, number]) : null);
  },
};
