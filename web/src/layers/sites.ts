// Where do demands recur? Sites with their rank; the foremost are numbered from afar.
import { go } from "../state";
import { number, words } from "../words";
import { FONT, type MapLayer } from "./kind";

export const siteLayer: MapLayer = {
  id: "sites",
  maxzoom: 14,
  under: false,
  beneath: ["sites-line"],
  targets: ["sites-dot", "sites-line"],
  styles(look) {
    const id = ["to-string", ["get", "id"]] as never;
    const rank = ["to-number", ["get", "rank"], 9999] as never;
    const marked = ["in", id, ["literal", [look.site ?? "", look.pointed ?? ""].filter(Boolean)]] as never;
    return [
      {
        id: "sites-halo", type: "circle", source: "sites", "source-layer": "sites", filter: marked,
        paint: { "circle-radius": 19, "circle-color": "#fecc5c", "circle-opacity": 0.85, "circle-stroke-color": "#12303b", "circle-stroke-width": 1.5 },
      },
      {
        id: "sites-line", type: "line", source: "sites", "source-layer": "site_lines",
        layout: { "line-cap": "round" },
        paint: { "line-color": ["case", marked, "#fecc5c", "#12303b"], "line-opacity": 0.75, "line-width": ["interpolate", ["linear"], ["zoom"], 11, 1.5, 16, 6] },
      },
      {
        id: "sites-dot", type: "circle", source: "sites", "source-layer": "sites",
        layout: { "circle-sort-key": ["-", 0, rank] },
        paint: {
"circle-radius": ["interpolate", ["linear"], ["zoom"], 10, ["case", ["<=", rank, 10], 9, ["<=", rank, 60], 2.6, 1.4], 12.5, ["case", ["<=", rank, 20], 11, ["<=", rank, 60], 5, 2.6], 15, 12],
          "circle-color": "#12303b", "circle-stroke-color": "#ffffff", "circle-stroke-width": ["case", ["<=", rank, 60], 1.6, 1],
        },
      },
      {
        id: "sites-rank", type: "symbol", source: "sites", "source-layer": "sites",
        filter: ["any", ["<=", rank, 10], ["all", [">=", ["zoom"], 12.5], ["<=", rank, 20]], [">=", ["zoom"], 14.5]] as never,
        layout: { "text-field": ["to-string", ["get", "rank"]], "text-font": FONT, "text-size": 11, "text-allow-overlap": true, "text-ignore-placement": true, "symbol-sort-key": rank },
        paint: { "text-color": "#ffffff" },
      },
      {
        id: "sites-name", type: "symbol", source: "sites", "source-layer": "sites", minzoom: 13.2,
        layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-anchor": "top", "text-offset": [0, 1.2], "text-max-width": 9, "text-optional": true, "symbol-sort-key": rank },
        paint: { "text-color": "#12303b", "text-halo-color": "#ffffff", "text-halo-width": 1.6 },
      },
    ];
  },
  tip({ properties: p }) {
    return [p.rank ? `${p.rank}. ${p.name ?? ""}` : String(p.name ?? ""), p.count ? words.value.unit.items(number(Number(p.count))) : ""].filter(Boolean).join(" · ");
  },
  click(feature) {
    const id = feature.properties.id ?? feature.id;
    if (id !== undefined) go({ site: String(id), ticket: null });
  },
};
