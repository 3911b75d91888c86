// Where are the alarms? Their cells on the base map, open ones filled, past ones hollow.
import { Map as GlMap } from "maplibre-gl";
import type { City } from "./api";
import { BLANK, fetchStyle } from "./base_map";
import { FONT } from "./layers/kind";

export function startAlarmMap(box: HTMLElement, city: City, language: string, onPick: (id: string) => void): () => void {
  const map = new GlMap({ container: box, style: BLANK, bounds: city.bbox, fitBoundsOptions: { padding: 20 }, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 17 });
  map.touchZoomRotate.disableRotation();
  const add = () => {
    if (map.getSource("alarms")) return;
    map.addSource("alarms", { type: "geojson", data: "/api/v1/alarms.geojson" });
    const open = ["!=", ["get", "state"], "over"] as never;
    map.addLayer({ id: "alarm-fill", type: "fill", source: "alarms", filter: open, paint: { "fill-color": "#d55e00", "fill-opacity": 0.55 } });
    map.addLayer({ id: "alarm-line", type: "line", source: "alarms", paint: { "line-color": ["case", open, "#7f2704", "#6b6b6b"], "line-width": 1 } });
    map.addLayer({ id: "alarm-name", type: "symbol", source: "alarms", filter: ["all", open, ["==", ["geometry-type"], "Point"]] as never, layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-offset": [0, 0.8], "text-anchor": "top" }, paint: { "text-color": "#17252d", "text-halo-color": "#fff", "text-halo-width": 1.6 } });
  };
  map.on("style.load", add);
  void fetchStyle(language).then((style) => map.setStyle(style ?? BLANK, { diff: false }));
  map.on("click", "alarm-fill", (e) => {
    const id = e.features?.[0]?.properties.id;
    if (id !== undefined) onPick(String(id));
  });
  const resize = new ResizeObserver(() => map.resize());
  resize.observe(box);
  return () => {
    resize.disconnect();
    map.remove();
  };
}
